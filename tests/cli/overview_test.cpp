#include "cli/overview.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "image/gif.h"
#include "image/png.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using testing::error_of;
using testing::ModelFolder;
using testing::read_text;
using testing::run_with;
using testing::usage_error;
using testing::Words;
using testing::write_text;

struct OverviewFolder : ModelFolder {
  std::string name(const std::string& file) const { return (*this / file).string(); }
  std::string paint(const Words& more) const { return run_with(generate("{i}.png", more)).out; }
};

std::string overview_usage_error(const Words& arguments) {
  const OverviewFolder folder;
  return usage_error([&] { folder.paint(arguments); });
}

/// Whether the picture lies somewhere in the sheet, unchanged.
bool holds(const at::Tensor& sheet, const at::Tensor& picture) {
  const auto h = picture.size(1), w = picture.size(2);
  const auto corners = (sheet == picture.slice(1, 0, 1).slice(2, 0, 1)).all(0);
  const auto found = corners.nonzero();  // (N, 2)
  for (int64_t i = 0; i < found.size(0); ++i) {
    const auto y = found[i][0].item<int64_t>(), x = found[i][1].item<int64_t>();
    if (y + h > sheet.size(1) || x + w > sheet.size(2)) continue;
    if (at::equal(sheet.narrow(1, y, h).narrow(2, x, w), picture)) return true;
  }
  return false;
}

TEST(ContactSheetFlag, ShowsAllPicturesOfARun) {
  const OverviewFolder folder;
  const auto out =
      folder.paint({"a fox", "red", "-n", "2", "-s", "7", "--contact-sheet", folder.name("s.png")});
  EXPECT_EQ(out, folder.name("0.png") + "\n" + folder.name("1.png") + "\n" + folder.name("2.png") +
                     "\n" + folder.name("3.png") + "\n" + folder.name("s.png") + "\n");
  const auto sheet = to_uint8(read_png(folder / "s.png"));
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(holds(sheet, to_uint8(read_png(folder / (std::to_string(i) + ".png"))))) << i;
  }
  EXPECT_FALSE(holds(sheet, to_uint8(at::rand({3, 32, 32}))));
}

TEST(ContactSheetFlag, PutsEachPromptIntoARow) {
  const OverviewFolder folder;
  const auto size = [&](const Words& more) {
    Words words = {
        "a fox", "red", "-n", "3", "--overwrite", "--contact-sheet", folder.name("s.png")};
    words.insert(words.end(), more.begin(), more.end());
    folder.paint(words);
    return read_png(folder / "s.png").sizes().vec();
  };
  const auto rows = size({}), column = size({"--columns", "1"}), line = size({"--columns", "6"});
  EXPECT_EQ(rows, size({"--columns", "3"}));
  EXPECT_GT(line[2], rows[2]);
  EXPECT_GT(rows[2], column[2]);
  EXPECT_GT(column[1], rows[1]);
}

TEST(ContactSheetFlag, IsAnObjectOfItsOwnInJson) {
  const OverviewFolder folder;
  std::istringstream lines(
      folder.paint({"a fox", "--json", "--contact-sheet", folder.name("s.png")}));
  std::string picture, sheet, more;
  std::getline(lines, picture);
  std::getline(lines, sheet);
  EXPECT_FALSE(std::getline(lines, more));
  EXPECT_EQ(json::parse(picture)["path"], folder.name("0.png"));
  const auto object = json::parse(sheet);
  EXPECT_EQ(object["contact_sheet"], folder.name("s.png"));
  EXPECT_FALSE(object.contains("path"));
  EXPECT_EQ(object["pictures"], 1);
  EXPECT_EQ(object["width"], read_png(folder / "s.png").size(2));
  EXPECT_EQ(object["height"], read_png(folder / "s.png").size(1));
}

TEST(ContactSheetFlag, ReplacesNothingUnlessAskedTo) {
  const OverviewFolder folder;
  write_text(folder / "s.png", "mine");
  Words words = {"a fox", "--contact-sheet", folder.name("s.png")};
  EXPECT_NE(folder.paint(words).find(folder.name("s-1.png")), std::string::npos);
  EXPECT_EQ(read_text(folder / "s.png"), "mine");
  words.push_back("--overwrite");
  folder.paint(words);
  EXPECT_NE(read_text(folder / "s.png"), "mine");
}

TEST(ContactSheetFlag, NeverReplacesAPictureOfItsOwnRun) {
  const OverviewFolder folder;
  const auto out = folder.paint({"a fox", "--overwrite", "--contact-sheet", folder.name("0.png")});
  EXPECT_EQ(out, folder.name("0.png") + "\n" + folder.name("0-1.png") + "\n");
  EXPECT_EQ(read_png(folder / "0.png").size(1), 32);
}

TEST(ContactSheetFlag, FindsOutBeforeItPaintsThatItCannotBe) {
  const OverviewFolder folder;
  const auto error = [&](const std::string& sheet, const std::string& count) {
    return error_of([&] {
      folder.paint({"a fox", "-n", count, "--contact-sheet", folder.name(sheet)});
    });
  };
  EXPECT_EQ(
      error("none/s.png", "1"),
      folder.name("none/s.png") + ": cannot be written: there is no folder " + folder.name("none"));
  EXPECT_EQ(error("s.png", "30000")
                .find(folder.name("s.png") + ": a sheet of 30000 pictures would have "),
            0u);
  EXPECT_FALSE(fs::exists(folder / "0.png"));
}

TEST(ContactSheetFlag, TellsWhatItWants) {
  EXPECT_EQ(overview_usage_error({"a fox", "--contact-sheet", "s.jpg"}),
            "--contact-sheet: expected a name that ends in .png, got 's.jpg'");
  EXPECT_EQ(overview_usage_error({"a fox", "--columns", "3"}), "--columns needs --contact-sheet");
  EXPECT_EQ(overview_usage_error({"a fox", "--columns", "0", "--contact-sheet", "s.png"}),
            "--columns: expected an integer from 1 to 1024, got '0'");
}

TEST(ContactSheetFlag, IsThereWhereverPicturesArePainted) {
  const OverviewFolder folder;
  folder.paint({"a fox", "-s", "7"});
  run_with({"prior", "fox", "-m", folder.name("model"), "-o", folder.name("x.safetensors")});
  for (const Words& verb : {Words{"vary", folder.name("0.png"), "-n", "2"},
                            Words{"decode", folder.name("x.safetensors"), "-n", "2"},
                            Words{"mix", folder.name("0.png"), "a fox", "--frames", "3"}}) {
    auto words = verb;
    words.insert(words.end(), {"-m", folder.name("model"), "-s", "7", "-o", folder.name("new/"),
                               "--contact-sheet", folder.name("new/" + verb[0] + ".png")});
    run_with(words);
    EXPECT_GT(read_png(folder / ("new/" + verb[0] + ".png")).size(2), 64);
  }
}

TEST(AnimateFlag, PlaysAllPicturesOfARun) {
  const OverviewFolder folder;
  const auto out =
      folder.paint({"a fox", "red", "-n", "2", "--json", "--seconds", "0.5", "--animate",
                    folder.name("x.gif"), "--contact-sheet", folder.name("s.png")});
  const auto object = json::parse(out.substr(out.rfind("\n", out.size() - 2) + 1));
  EXPECT_EQ(object["animation"], folder.name("x.gif"));
  EXPECT_EQ(object["pictures"], 4);
  EXPECT_EQ(object["seconds"], 0.5);
  std::vector<at::Tensor> pictures;
  for (int i = 0; i < 4; ++i) {
    pictures.push_back(read_png(folder / (std::to_string(i) + ".png")));
  }
  EXPECT_EQ(read_text(folder / "x.gif"), encode_gif(pictures, {.seconds = 0.5}));
  EXPECT_TRUE(fs::exists(folder / "s.png"));
}

TEST(AnimateFlag, FindsOutBeforeItPaintsThatItCannotBe) {
  const OverviewFolder folder;
  const auto error = [&](const std::string& animation, const std::string& count) {
    return error_of([&] {
      folder.paint({"a fox", "-n", count, "--animate", folder.name(animation)});
    });
  };
  EXPECT_EQ(
      error("none/x.gif", "1"),
      folder.name("none/x.gif") + ": cannot be written: there is no folder " + folder.name("none"));
  EXPECT_EQ(error("x.gif", "65537"),
            folder.name("x.gif") +
                ": an animation would have 65537 pictures of 32 x 32 pixels; at most 65536 are "
                "written");
  EXPECT_FALSE(fs::exists(folder / "0.png"));
}

TEST(AnimateFlag, TellsWhatItWants) {
  EXPECT_EQ(overview_usage_error({"a fox", "--animate", "x.png"}),
            "--animate: expected a name that ends in .gif, got 'x.png'");
  EXPECT_EQ(overview_usage_error({"a fox", "--seconds", "1"}), "--seconds needs --animate");
  EXPECT_EQ(overview_usage_error({"a fox", "--seconds", "0", "--animate", "x.gif"}),
            "--seconds: expected a number from 0.02 to 655.35, got '0'");
}

}  // namespace
}  // namespace unclip::cli
