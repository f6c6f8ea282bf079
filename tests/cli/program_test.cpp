#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "tests/cli/program.h"
#include "tests/cli/run.h"

namespace unclip::cli {
namespace {

using testing::ModelFolder;
using testing::Program;
using testing::read_text;
using testing::Words;

TEST(Program, EndsWithZeroWhereThePictureIsThere) {
  const ModelFolder folder;
  Program program(folder, folder.generate("x.png", {"a fox", "-s", "3"}));
  EXPECT_EQ(program.code(), 0) << program.err();
  EXPECT_EQ(program.out(), (folder / "x.png").string() + "\n");
  EXPECT_TRUE(std::filesystem::exists(folder / "x.png"));
}

TEST(Program, TellsInOneLineWhatTheUserCanRepairAndEndsWithOne) {
  const ModelFolder folder;
  Program program(folder, {"-m", folder / "none", "a fox"});
  EXPECT_EQ(program.code(), 1);
  const auto err = program.err();
  EXPECT_EQ(err.find("unclip: " + (folder / "none").string()), 0u) << err;
  EXPECT_EQ(err.find('\n'), err.size() - 1) << err;
  EXPECT_EQ(program.out(), "");
}

TEST(Program, TellsWrongUsageInOneLineAndEndsWithTwo) {
  const ModelFolder folder;
  Program program(folder, folder.generate("x.png", {"a fox", "-n", "0"}));
  EXPECT_EQ(program.code(), 2);
  EXPECT_EQ(program.err(), "unclip: --count: expected an integer from 1 to 1000000, got '0'\n");
}

TEST(Program, LeavesNoHalfFileAfterASignalAndEndsWithItsStatus) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const ModelFolder folder;
    Program program(
        folder, folder.generate("pictures/", {"a fox", "--decoder-steps", "1000", "-n", "1000"}));
    ASSERT_TRUE(program.wait_for("prior 2/2")) << program.err();
    program.send(signal);
    EXPECT_EQ(program.code(), 128 + signal) << program.err();
    EXPECT_EQ(program.out(), "");
    EXPECT_TRUE(std::filesystem::is_empty(folder / "pictures"));
  }
}

TEST(Program, SaysThatItsWorkingFolderIsGone) {
  const ModelFolder folder;
  const auto gone = (folder / "gone").string();
  const auto command = "mkdir '" + gone + "' && cd '" + gone + "' && rmdir '" + gone +
                       "' && " UNCLIP_PROGRAM " 'a fox' 2>'" + (folder / "err").string() + "'";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
  const auto err = read_text(folder / "err");
  EXPECT_EQ(err.find("unclip: the working folder"), 0u) << err;
  EXPECT_EQ(err.find('\n'), err.size() - 1) << err;
}

TEST(Program, PrintsNoEscapeCodesOnADumbTerminal) {
  const ModelFolder folder;
  setenv("TERM", "dumb", 1);
  Program program(folder, folder.generate("x.png", {"a fox", "-s", "3"}),
                  Program::Error::kTerminal);
  unsetenv("TERM");
  EXPECT_EQ(program.code(), 0);
  EXPECT_EQ(program.err().find('\033'), std::string::npos) << program.err();
}

TEST(Program, PrintsNoColoursIfAskedNotTo) {
  const ModelFolder folder;
  for (const bool colours : {true, false}) {
    if (!colours) setenv("NO_COLOR", "1", 1);
    Program program(folder, folder.generate("x.png", {"a fox", "-s", "3"}),
                    Program::Error::kTerminal);
    unsetenv("NO_COLOR");
    EXPECT_EQ(program.code(), 0);
    EXPECT_EQ(program.err().find("\033[32m") != std::string::npos, colours) << program.err();
  }
}

TEST(Program, ShowsOneLineInATerminalAndTakesItAway) {
  const ModelFolder folder;
  Program program(folder, folder.generate("x.png", {"a fox", "-s", "3", "--no-preview"}),
                  Program::Error::kTerminal);
  EXPECT_EQ(program.code(), 0);
  const auto err = program.err();
  EXPECT_NE(err.find("[\033[32m==========          \033[0m] 1/2"), err.npos) << err;
  EXPECT_TRUE(err.ends_with("\r\033[K")) << err;
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;  // behind the seed
}

}  // namespace
}  // namespace unclip::cli
