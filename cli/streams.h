#pragma once

#include <iosfwd>

namespace unclip::cli {

/// What a verb reads from and prints to.
struct Streams {
  std::istream& in;
  std::ostream& out;         ///< results only
  std::ostream& err;         ///< everything else
  int err_columns = 0;       ///< the terminal's width; 0: err is a file, a pipe or a dumb terminal
  bool err_colours = false;  ///< whether err is a terminal that shows colours
};

}  // namespace unclip::cli
