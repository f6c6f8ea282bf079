#include "lab/gnuplot.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/error.h"
#include "image/png.h"
#include "lab/convergence.h"
#include "lab/plot_style.h"
#include "lab/schedule_plot.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

using testing::read_text;
using testing::TemporaryFolder;

std::string gnuplot_error(const std::string& script, const std::filesystem::path& file) {
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
  EXPECT_EQ(read_png(folder / "b.png").sizes(), at::IntArrayRef({3, 850, 1500}));
  EXPECT_EQ(plot_schedules(tables, folder / "b.png", WriteMode::kNextFreeName), folder / "b-1.png");
  EXPECT_EQ(files_in(folder.path()), 3u);
}

/// How many times `text` has `part`.
size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(SchedulePlot, DrawsAScheduleFromAllItsTimestepsAndTheStepsAsMarkers) {
  const auto script = schedules_script({schedule_table("cosine", {.steps = 5}),
                                        schedule_table("heun:spacing=karras", {.steps = 3}),
                                        schedule_table("linear", {.steps = 4})});
  const auto block = [&](const std::string& name) {
    const auto begin = script.find(name + " << END\n");
    return begin == script.npos ? std::string()
                                : script.substr(begin, script.find("END\n", begin + 20) - begin);
  };
  EXPECT_EQ(count(block("$curve0"), "\n"), 1u + 1000);
  EXPECT_EQ(block("$curve1"), "");  // heun's is that of cosine
  EXPECT_EQ(count(block("$curve2"), "\n"), 1u + 1000);
  EXPECT_EQ(count(block("$steps0"), "\n"), 1u + 5);
  EXPECT_EQ(count(block("$steps1"), "\n"), 1u + 5);  // 2 n - 1 evaluations
  EXPECT_EQ(count(script, "$steps1 using 1:2 with points"), 1u);
  for (const auto* title : {"alpha\\_bar", "log snr", "sigma", "beta", "sigma of each step"}) {
    EXPECT_EQ(count(script, std::string("set title '") + title + "'"), 1u) << title;
  }
}

TEST(PlotStyle, KeepsManyCurvesApart) {
  std::set<std::string> looks;
  for (size_t k = 0; k < 32; ++k) EXPECT_TRUE(looks.insert(curve_style(k)).second) << k;
}

TEST(ConvergencePlot, HasOneLegendWithTheOrdersOfBothWorlds) {
  const auto script = convergence_script(convergence({"ddim", "heun"}, {10, 20}));
  EXPECT_EQ(count(script, "unset key"), 2u);  // behind the first panel, and at the end
  EXPECT_NE(script.find("title \"heun  "), std::string::npos) << script;
  EXPECT_EQ(count(script, "lc rgb '#d55e00'"), 2u);  // one look of a sampler in both panels
}

TEST(Plot, TellsWhatStandsInItsWay) {
  const TemporaryFolder folder;
  EXPECT_TRUE(gnuplot_error("plot x", folder / "a.jpg")
                  .ends_with("expected a name that ends in .svg or .png for a plot"));
  EXPECT_TRUE(
      gnuplot_error("plot 'no such file'", folder / "a.svg").find("gnuplot cannot plot it") !=
      std::string::npos);
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.path().c_str(), 1);
  const auto missing = gnuplot_error("plot x", folder / "a.svg");
  setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(
      missing,
      "plots: expected gnuplot, which is not installed; on Debian: apt-get install gnuplot-nox, or "
      "cmake/install_dependencies.sh --plots");
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(Plot, QuotesNames) { EXPECT_EQ(quoted("a'b\n$c"), "'a''b $c'"); }

}  // namespace
}  // namespace unclip::lab
