#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <string_view>

#include "cli/verbs.h"
#include "core/caching_allocator.h"
#include "core/error.h"
#include "pipeline/stage.h"

namespace {

int columns_of_standard_error() {
  winsize size = {};
  if (!isatty(STDERR_FILENO)) return 0;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int told(std::string_view message, int code) {
  std::cerr << "unclip: " << message << std::endl;
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  unclip::use_caching_allocator();
  try {
    unclip::cli::run({argv + 1, argv + argc},
                     {std::cin, std::cout, std::cerr, columns_of_standard_error()});
    return 0;
  } catch (const unclip::cli::UsageError& error) {
    return told(error.what(), 2);
  } catch (const unclip::Cancelled&) {
    return told("stopped", 130);
  } catch (const unclip::Error& error) {
    return told(error.what(), 1);
  } catch (const std::exception& error) {  // what libtorch says of the machine, less its call stack
    const std::string_view message = error.what();
    return told(message.substr(0, message.find('\n')), 1);
  }
}
