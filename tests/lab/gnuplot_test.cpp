#include "lab/gnuplot.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "image/png.h"
#include "lab/schedule_plot.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

std::string error_of(const std::string& script, const std::filesystem::path& file) {
  try {
    plot(script, file, 300, 200, WriteMode::kOverwrite);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

size_t files_in(const std::filesystem::path& folder) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

TEST(Plot, DrawsSvgAndPng) {
  const TemporaryFolder folder;
  const std::vector<ScheduleTable> tables = {schedule_table("cosine", {}),
                                             schedule_table("euler:spacing=karras", {})};
  plot_schedules(tables, folder / "a.svg", WriteMode::kOverwrite);
  const auto svg = read_text(folder / "a.svg");
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_NE(svg.find("euler:spacing=karras"), std::string::npos);
  plot_schedules(tables, folder / "b.png", WriteMode::kOverwrite);
  EXPECT_EQ(read_png(folder / "b.png").sizes(), at::IntArrayRef({3, 450, 1100}));
  EXPECT_EQ(plot_schedules(tables, folder / "b.png", WriteMode::kNextFreeName), folder / "b-1.png");
  EXPECT_EQ(files_in(folder.path()), 3u);
}

TEST(Plot, TellsWhatStandsInItsWay) {
  const TemporaryFolder folder;
  EXPECT_TRUE(error_of("plot x", folder / "a.jpg")
                  .ends_with("a name that ends in .svg or .png is wanted for a plot"));
  EXPECT_TRUE(error_of("plot 'no such file'", folder / "a.svg").find("gnuplot cannot plot it") !=
              std::string::npos);
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.path().c_str(), 1);
  const auto missing = error_of("plot x", folder / "a.svg");
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(missing, "gnuplot is not installed; on Debian: apt-get install gnuplot-nox");
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(Plot, QuotesNames) { EXPECT_EQ(quoted("a'b\n$c"), "'a''b $c'"); }

}  // namespace
}  // namespace unclip::lab
