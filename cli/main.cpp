#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/verbs.h"
#include "kernels/caching_allocator.h"
#include "kernels/spinning.h"
#include "pipeline/progress.h"

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// The width of the terminal that standard error is; 0 if it is none, or one without escape codes.
int columns_of_standard_error() {
  winsize size = {};
  if (!isatty(STDERR_FILENO) || environment("TERM") == "dumb") return 0;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int print_error(std::string_view message, int status) {
  std::cerr << "unclip: " << message << std::endl;
  return status;
}

/// Ends the program with one line if its working folder was removed. oneMKL ends it otherwise, in a
/// constructor of libtorch, so this runs before those of the shared libraries.
void expect_working_folder() {
  char folder[PATH_MAX];
  if (getcwd(folder, sizeof folder) != nullptr || errno != ENOENT) return;
  constexpr std::string_view kMessage =
      "unclip: the working folder does not exist any more; change to another one\n";
  (void)!write(STDERR_FILENO, kMessage.data(), kMessage.size());
  _exit(1);
}
[[gnu::section(".preinit_array"), gnu::used]] void (*const run_first)() = expect_working_folder;

}  // namespace

int main(int argc, char** argv) {
  unclip::use_caching_allocator();
  unclip::kernels::adapt_spinning();
  const int columns = columns_of_standard_error();
  const bool colours = columns > 0 && environment("NO_COLOR").empty();
  try {
    unclip::cli::run({argv + 1, argv + argc}, {std::cin, std::cout, std::cerr, columns, colours,
                                               isatty(STDOUT_FILENO) == 1});
    return 0;
  } catch (const unclip::cli::UsageError& error) {
    return print_error(error.what(), 2);
  } catch (const unclip::Cancelled&) {
    return print_error("stopped", unclip::cli::interrupt_status());
  } catch (const unclip::Error& error) {
    return print_error(error.what(), 1);
  } catch (const std::exception& error) {  // libtorch's message, without its call stack
    const std::string_view message = error.what();
    return print_error(message.substr(0, message.find('\n')), 1);
  }
}
