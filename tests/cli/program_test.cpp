#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/cli/run.h"

namespace unclip::cli {
namespace {

using testing::ModelFolder;
using testing::read_text;
using testing::Words;

/// The program itself, in a process of its own.
class Program {
 public:
  enum class Error { kFile, kTerminal };

  /// Standard output goes to the file `out`, standard error to the file `err` or to a terminal.
  Program(const ModelFolder& folder, const Words& arguments, Error error = Error::kFile)
      : out_(folder / "out"), err_(folder / "err") {
    winsize size = {.ws_row = 24, .ws_col = 90, .ws_xpixel = 0, .ws_ypixel = 0};
    int terminal = -1;
    if (error == Error::kTerminal) openpty(&terminal_, &terminal, nullptr, nullptr, &size);
    setenv("TERM", "xterm", /*overwrite=*/0);
    process_ = fork();
    if (process_ != 0) {
      close(terminal);
      return;
    }
    const auto open_file = [](const auto& path) {
      return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    };
    dup2(open_file(out_), STDOUT_FILENO);
    dup2(terminal >= 0 ? terminal : open_file(err_), STDERR_FILENO);
    std::vector<char*> argv = {const_cast<char*>(UNCLIP_PROGRAM)};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }

  void send(int signal) const { kill(process_, signal); }

  /// Waits until standard error holds the text; false where the program ended before.
  bool wait_for(const std::string& text) {
    for (;;) {
      if (terminal_ >= 0) {
        char bytes[1000];
        const auto count = read(terminal_, bytes, sizeof bytes);
        if (count > 0) shown_.append(bytes, static_cast<size_t>(count));
        if (count <= 0) return false;
      } else {
        shown_ = read_text(err_);
      }
      if (shown_.find(text) != shown_.npos) return true;
      if (terminal_ < 0 && waitpid(process_, &status_, WNOHANG) != 0) return false;
      usleep(1000);
    }
  }

  /// Waits for its end. Returns its exit code, -1 where a signal ended it.
  int code() {
    while (terminal_ >= 0 && wait_for("what is never shown")) {
    }
    waitpid(process_, &status_, 0);
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

  std::string out() const { return read_text(out_); }
  std::string err() const { return terminal_ >= 0 ? shown_ : read_text(err_); }

 private:
  std::filesystem::path out_, err_;
  int terminal_ = -1;
  pid_t process_ = 0;
  int status_ = 0;
  std::string shown_;
};

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
