#include "cli/output_name.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "core/error.h"
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
}

TEST(OutputName, RefusesOtherPlaces) {
  EXPECT_THROW(name("{index}.png", 1), UsageError);
  EXPECT_THROW(name("{}-{i}.png", 1), UsageError);
  EXPECT_EQ(name("}{.png", 1), "}{.png");
}

TEST(OutputName, MakesOnlyAFoldersLastPart) {
  TemporaryFolder folder;
  const auto made = (folder / "new").string() + "/";
  OutputName(made, "x.png", 1).prepare(0);
  EXPECT_TRUE(std::filesystem::is_directory(made));
  const auto too_deep = (folder / "a/b").string() + "/";
  EXPECT_THROW(OutputName(too_deep, "x.png", 1).prepare(0), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
}

TEST(OutputName, RefusesWhatIsThereAndIsNoFile) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "fox-1.png");
  EXPECT_NO_THROW(OutputName(folder / "fox.png", "", 1).prepare(0));
  EXPECT_THROW(OutputName(folder / "fox.png", "", 2).prepare(0), Error);
  EXPECT_THROW(OutputName("/dev/null", "", 1).prepare(0), Error);
}

TEST(OutputName, NamesAFolderThatIsNotThere) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "0");
  EXPECT_NO_THROW(OutputName(folder / "fox.png", "", 1).prepare(0));
  EXPECT_NO_THROW(OutputName(folder / "{i}/fox.png", "", 1).prepare(0));
  EXPECT_THROW(OutputName(folder / "{i}/fox.png", "", 2).prepare(0), Error);
  EXPECT_THROW(OutputName(folder / "none/fox.png", "", 1).prepare(0), Error);
  EXPECT_THROW(OutputName(folder / "0/{seed}/fox.png", "", 1).prepare(5), Error);
}

}  // namespace
}  // namespace unclip::cli
