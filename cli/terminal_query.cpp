#include "cli/terminal_query.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace unclip::cli {
namespace {

constexpr int kMostMilliseconds = 300;
constexpr size_t kMostAnswer = 1000;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// A terminal's own device, in a mode in which its answers come at once and are not shown; the mode
/// that it had comes back at the end.
class RawTerminal {
 public:
  explicit RawTerminal(int descriptor) {
    char name[256];
    if (ttyname_r(descriptor, name, sizeof name) != 0) return;
    const int file = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (file < 0) return;
    // A program in the background would be stopped.
    int typed = 0;
    const bool usable = tcgetpgrp(file) == getpgrp() && ioctl(file, FIONREAD, &typed) == 0 &&
                        typed == 0 && tcgetattr(file, &before_) == 0;
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (usable && tcsetattr(file, TCSANOW, &raw) == 0) {
      file_ = file;
    } else {
      close(file);
    }
  }
  ~RawTerminal() {
    if (file_ < 0) return;
    tcsetattr(file_, TCSANOW, &before_);
    close(file_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  bool is_open() const { return file_ >= 0; }

  /// The answer; empty if there is none in time.
  std::string ask(std::string_view query) const {
    if (write(file_, query.data(), query.size()) != static_cast<ssize_t>(query.size())) return "";
    std::string answer;
    pollfd ready = {file_, POLLIN, 0};
    while (answer.size() < kMostAnswer && poll(&ready, 1, kMostMilliseconds) > 0) {
      char bytes[100];
      const auto count = read(file_, bytes, sizeof bytes);
      if (count <= 0) break;
      answer.append(bytes, static_cast<size_t>(count));
      const auto attributes = answer.rfind("\033[?");
      if (attributes != answer.npos && answer.find('c', attributes) != answer.npos) break;
    }
    return answer;
  }

 private:
  int file_ = -1;
  termios before_{};
};

}  // namespace

TerminalGraphics graphics_of_answer(std::string_view answer) {
  if (answer.find("\033_Gi=31;OK") != answer.npos) return TerminalGraphics::kKitty;
  const auto begin = answer.find("\033[?");
  const auto end = begin == answer.npos ? begin : answer.find('c', begin);
  if (end == answer.npos) return TerminalGraphics::kHalfBlocks;
  // 62;4;22: the first names the class of terminal.
  const auto list = std::string(answer.substr(begin + 3, end - begin - 3)) + ";";
  const auto first = list.find(';');
  const bool sixel = list.find(";4;", first) != list.npos;
  return sixel ? TerminalGraphics::kSixel : TerminalGraphics::kHalfBlocks;
}

TerminalGraphics query_terminal(int descriptor) {
  const auto term = environment("TERM");
  if (term.empty() || term == "dumb") return TerminalGraphics::kNone;
  const RawTerminal terminal(descriptor);
  // The console of Linux shows the query.
  const bool asks = terminal.is_open() && term != "linux";
  const auto found =
      asks ? graphics_of_answer(terminal.ask(kTerminalQuery)) : TerminalGraphics::kHalfBlocks;
  const bool plain = !environment("NO_COLOR").empty();
  return found == TerminalGraphics::kHalfBlocks && plain ? TerminalGraphics::kNone : found;
}

}  // namespace unclip::cli
