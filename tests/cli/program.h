#pragma once

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/weights/files.h"

namespace unclip::testing {

/// The program itself, in a process of its own.
class Program {
 public:
  enum class Error { kFile, kTerminal };

  /// Standard output goes to the file `out`, standard error to the file `err` or to a terminal.
  Program(const TemporaryFolder& folder, const std::vector<std::string>& arguments,
          Error error = Error::kFile)
      : out_(folder / "out"), err_(folder / "err") {
    winsize size = {.ws_row = 24, .ws_col = 90, .ws_xpixel = 0, .ws_ypixel = 0};
    int terminal = -1;
    if (error == Error::kTerminal) openpty(&terminal_, &terminal, nullptr, nullptr, &size);
    setenv("TERM", "xterm", /*overwrite=*/0);
    process_ = fork();
    if (process_ != 0) {
      ::close(terminal);
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

}  // namespace unclip::testing
