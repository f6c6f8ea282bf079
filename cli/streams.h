#pragma once

#include <iosfwd>

namespace unclip::cli {

/// What a verb reads from and prints to.
struct Streams {
  std::istream& in;
  std::ostream& out;             ///< results only
  std::ostream& err;             ///< everything else
  int err_columns = 0;           ///< the terminal's width; 0: err is no terminal, or a dumb one
  bool err_colours = false;      ///< whether err is a terminal that shows colours
  bool out_is_terminal = false;  ///< whether out is one: nobody wants an image's bytes there
};

/// Throws UsageError if standard output, which --output names, is a terminal.
void expect_no_terminal(const Streams& streams);

}  // namespace unclip::cli
