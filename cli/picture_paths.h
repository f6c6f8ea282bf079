#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace unclip::cli {

/// The pictures that a command line names; "-" stands for the paths on `in`, one a line. Throws
/// Error for a name that is not UTF-8, for it could not be written down.
std::vector<std::string> picture_paths(const std::vector<std::string>& words, std::istream& in);

}  // namespace unclip::cli
