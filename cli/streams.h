#pragma once

#include <iosfwd>

namespace unclip::cli {

/// What a verb reads from and prints to.
struct Streams {
  std::istream& in;
  std::ostream& out;    ///< results alone
  std::ostream& err;    ///< everything else
  int err_columns = 0;  ///< the terminal's width; 0: err goes to a file or a pipe
};

}  // namespace unclip::cli
