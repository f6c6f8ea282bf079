#include "lab/run_folder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;
using Records = std::vector<RunFolder::Record>;

const nlohmann::ordered_json kSettings = {{"steps", 5}};

RunFolder opened(const std::filesystem::path& path) {
  return RunFolder(path, "results", "unclip sweep 'a, b'", kSettings, {"cell", "text"});
}

TEST(RunFolder, GoesOnWhereItWasStopped) {
  const TemporaryFolder folder;
  opened(folder / "run").add({"0", "a, \"b\""});
  const auto run = nlohmann::json::parse(read_text(folder / "run/run.json"));
  EXPECT_EQ(run["command"], "unclip sweep 'a, b'");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "run/pictures"));
  auto again = opened(folder / "run");
  EXPECT_EQ(again.records(), (Records{{"0", "a, \"b\""}}));
  again.add({"1", "c"});
  EXPECT_EQ(read_text(folder / "run/results.csv"), "cell,text\n0,\"a, \"\"b\"\"\"\n1,c\n");
}

TEST(RunFolder, ForgetsARecordThatWasCutOff) {
  const TemporaryFolder folder;
  opened(folder / "run").add({"0", "a"});
  write_text(folder / "run/results.csv", "cell,text\n0,a\n1,b");
  auto again = opened(folder / "run");
  EXPECT_EQ(again.records(), (Records{{"0", "a"}}));
  again.add({"1", "c"});
  EXPECT_EQ(read_text(folder / "run/results.csv"), "cell,text\n0,a\n1,c\n");
}

TEST(RunFolder, BeginsWhereItWasStoppedAtOnce) {
  const TemporaryFolder folder;
  write_text(folder / "run/.unclip-1-2.tmp", "");  // which a killed process left
  opened(folder / "run");
  std::filesystem::remove(folder / "run/results.csv");
  EXPECT_TRUE(opened((folder / "run").string() + "/").records().empty());
}

TEST(RunFolder, AddsToTheListsThatMayGrow) {
  const TemporaryFolder folder;
  const auto with = [&](const nlohmann::ordered_json& walks) {
    return RunFolder(folder / "run", "results", "unclip " + walks.dump(),
                     {{"steps", 5}, {"walks", walks}}, {"cell", "text"}, {"walks"});
  };
  with({"a", "b"});
  EXPECT_EQ(with({"c", "a"}).settings()["walks"], (nlohmann::json{"a", "b", "c"}));
  EXPECT_EQ(with({"b"}).settings()["walks"], (nlohmann::json{"a", "b", "c"}));
  const auto run = nlohmann::json::parse(read_text(folder / "run/run.json"));
  EXPECT_EQ(run["settings"]["walks"], (nlohmann::json{"a", "b", "c"}));
  EXPECT_EQ(run["command"], R"(unclip ["c","a"])");
}

TEST(RunFolder, RefusesWhatIsNotItsOwn) {
  const TemporaryFolder folder;
  const auto path = (folder / "run").string();
  opened(path);
  EXPECT_EQ(error_of([&] {
              RunFolder(path, "results", "unclip", {{"steps", 6}}, {"cell", "text"});
            }),
            path +
                ": holds another run: unclip sweep 'a, b'; 'steps' is 5 there and 6 here; expected "
                "the same settings, or another folder");
  EXPECT_EQ(error_of([&] { RunFolder(path, "results", "unclip", kSettings, {"cell"}); }),
            path + "/results.csv: its first record is not that of this version of the program");
  write_text(path + "/results.csv", "cell,text\n0\n");
  EXPECT_EQ(error_of([&] { opened(path); }),
            path + "/results.csv: expected records of 2 fields, got one of 1");
  write_text(path + "/run.json", "{");
  EXPECT_NE(error_of([&] { opened(path); }).find("run.json"), std::string::npos);

  write_text(folder / "other/mine.txt", "");
  EXPECT_EQ(error_of([&] { opened(folder / "other"); }),
            (folder / "other").string() +
                ": expected an empty folder, or one with the run.json of an earlier run");
  EXPECT_EQ(error_of([&] { opened(folder / "other/mine.txt"); }),
            (folder / "other/mine.txt").string() + ": expected a folder, got a file");
  EXPECT_TRUE(testing::mentions(error_of([&] { opened(folder / "none/run"); }),
                                {"none/run", "there is no folder"}));
}

}  // namespace
}  // namespace unclip::lab
