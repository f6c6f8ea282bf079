#include "cli/output_name.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "cli/arguments.h"
#include "tests/weights/files.h"

namespace unclip::cli {
namespace {

using testing::TemporaryFolder;

std::string name(const std::string& given, int64_t files, int64_t i = 2, uint64_t seed = 77) {
  return OutputName(given, "unclip-{seed}.png", files).path(i, seed).string();
}

TEST(OutputName, IsTheSeedsWithoutOutput) {
  EXPECT_EQ(name("", 1), "./unclip-77.png");
  EXPECT_EQ(name("", 3), "./unclip-77.png");
}

TEST(OutputName, IsInAFolderThatIsThereOrEndsInASlash) {
  TemporaryFolder folder;
  EXPECT_EQ(name(folder.path(), 1), (folder / "unclip-77.png").string());
  EXPECT_EQ(name("new/", 3), "new/unclip-77.png");
}

TEST(OutputName, TakesTheBracesOfAFolderAsTheyAre) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "{i}");
  EXPECT_EQ(name(folder / "{i}", 1), (folder / "{i}/unclip-77.png").string());
  EXPECT_EQ(name((folder / "{i}").string() + "/", 1), (folder / "{i}/unclip-77.png").string());
}

TEST(OutputName, IsAFilesOwn) { EXPECT_EQ(name("fox.png", 1), "fox.png"); }

TEST(OutputName, NumbersAFileThatStandsForSeveral) {
  EXPECT_EQ(name("fox.png", 3), "fox-2.png");
  EXPECT_EQ(name("a.b/fox", 3), "a.b/fox-2");
}

TEST(OutputName, FillsAPatternIn) {
  EXPECT_EQ(name("{i}/{seed}-{i}.png", 3), "2/77-2.png");
  EXPECT_EQ(name("{seed}.png", 1), "77.png");
  EXPECT_EQ(name("{{i}}.png", 1), "{2}.png");
  EXPECT_EQ(OutputName("{prompt}/{i}.jpg", "", 3).path(1, 7, "a red/blue ball"),
            "a_red_blue_ball/1.jpg");
  EXPECT_EQ(OutputName("{prompt}.png", "", 1).path(0, 7, "{seed}"), "seed.png");
}

TEST(OutputName, FillsTheModelIn) {
  OutputName output("{model}/{i}-{model}.png", "", 3);
  EXPECT_EQ(output.path(1, 7), "model/1-model.png");
  const std::pair<const char*, const char*> names[] = {{"toybox", "toybox"},
                                                       {"../Karlo v1/alpha", "Karlo_v1_alpha"},
                                                       {"{seed}", "seed"},
                                                       {"..", "model"}};
  for (const auto& [name, expected] : names) {
    output.set_model(name);
    EXPECT_EQ(output.path(1, 7), std::string(expected) + "/1-" + expected + ".png");
  }
}

TEST(OutputName, RefusesOtherPlaces) {
  EXPECT_THROW(name("{index}.png", 1), UsageError);
  EXPECT_THROW(name("{}-{i}.png", 1), UsageError);
  EXPECT_EQ(name("}{.png", 1), "}{.png");
}

TEST(FileNameOfPrompt, IsSafeShortAndNeverEmpty) {
  const std::pair<const char*, const char*> prompts[] = {{"a red ball", "a_red_ball"},
                                                         {"../../etc/passwd", "etc_passwd"},
                                                         {"-rf *", "rf"},
                                                         {"a: \"b\" <c> |d?\\e\n", "a_b_c_d_e"},
                                                         {"B\xc3\xa4r", "B\xc3\xa4r"},
                                                         {"{seed}", "seed"},
                                                         {"...", "image"},
                                                         {"", "image"},
                                                         {"/", "image"}};
  for (const auto& [prompt, expected] : prompts) {
    EXPECT_EQ(file_name_of_prompt(prompt), expected) << prompt;
  }
  std::string bears;
  for (int i = 0; i < 200; ++i) bears += "\xe7\x86\x8a";
  EXPECT_EQ(file_name_of_prompt(bears), bears.substr(0, 99)) << "whole characters";
}

TEST(OutputName, MakesTheFoldersOfADirAndOfAPattern) {
  TemporaryFolder folder;
  const std::string base = folder.path().string() + "/";
  const std::pair<std::string, std::string> made[] = {{base + "new/", "new"},
                                                      {base + "a/b/", "a/b"},
                                                      {base + "c/{seed}/x.png", "c/6"},
                                                      {base + "d/{prompt}/{i}.png", "d/red"},
                                                      {base + "e/{model}/{i}.png", "e/model"},
                                                      {base + "{i}-x/y.png", "0-x"}};
  for (const auto& [given, expected] : made) {
    OutputName(given, "x.png", 2).prepare(5, WriteMode::kNextFreeName, [](int64_t) {
      return "red";
    });
    EXPECT_TRUE(std::filesystem::is_directory(folder / expected)) << given;
  }
}

TEST(OutputName, MakesNoFolderForASingleFileOrIfAnotherCannotBeWritten) {
  TemporaryFolder folder;
  EXPECT_THROW(OutputName(folder / "none/fox.png", "", 1).prepare(0), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
  const std::string too_long = "{i}/" + std::string(300, 'x') + ".png";
  EXPECT_THROW(OutputName(folder / too_long, "", 2).prepare(0), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "0"));
  testing::write_text(folder / "file", "x");
  EXPECT_THROW(OutputName(folder / "file/{i}/x.png", "", 2).prepare(0), Error);
}

TEST(OutputName, RefusesAFoldersName) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "fox-1.png");
  EXPECT_NO_THROW(OutputName(folder / "fox.png", "", 1).prepare(0));
  EXPECT_THROW(OutputName(folder / "fox.png", "", 2).prepare(0), Error);
}

TEST(OutputName, TakesPipesAndDevicesAsTheyAre) {
  TemporaryFolder folder;
  mkfifo((folder / "pipe").c_str(), 0600);
  EXPECT_NO_THROW(OutputName(folder / "pipe", "", 1).prepare(0));
  EXPECT_EQ(OutputName("/dev/null", "", 1).path(0, 7), "/dev/null");
  EXPECT_EQ(OutputName("/dev/null", "", 3).path(2, 7), "/dev/null");
  EXPECT_NO_THROW(OutputName("/dev/null", "", 3).prepare(0));
  EXPECT_THROW(OutputName(folder / "pipe", "", 2), UsageError) << "two images";
}

TEST(OutputName, IsStandardOutputForOneImage) {
  for (const auto* given : {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    const OutputName output(given, "x.png", 1);
    EXPECT_TRUE(output.is_standard_output()) << given;
    EXPECT_NO_THROW(output.prepare(0));
    EXPECT_THROW(OutputName(given, "x.png", 2), UsageError) << given;
  }
  EXPECT_FALSE(OutputName("./-", "x.png", 1).is_standard_output());
}

TEST(OutputName, FindsOutThatANameIsTooLong) {
  TemporaryFolder folder;
  const auto of_size = [&](size_t size) { return folder / (std::string(size - 4, 'x') + ".png"); };
  EXPECT_NO_THROW(OutputName(of_size(255), "", 1).prepare(0));
  EXPECT_THROW(OutputName(of_size(256), "", 1).prepare(0), Error);
  EXPECT_NO_THROW(OutputName(of_size(253), "", 10).prepare(0));
  EXPECT_THROW(OutputName(of_size(253), "", 11).prepare(0), Error) << "-10 has no room";
  EXPECT_THROW(expect_writable(of_size(256)), Error);
  testing::write_text(of_size(255), "taken");
  EXPECT_THROW(OutputName(of_size(255), "", 1).prepare(0), Error);
  EXPECT_NO_THROW(OutputName(of_size(255), "", 1).prepare(0, WriteMode::kOverwrite));
}

}  // namespace
}  // namespace unclip::cli
