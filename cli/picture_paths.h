#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace unclip::cli {

/// The images that a command line names; "-" stands for the paths on `in`, one a line. A name that
/// is not UTF-8 could not be written down: it is left out and `on_skipped` is called with the
/// reason; without `on_skipped` it throws Error. Throws Error if "-" stands for no path at all.
std::vector<std::string> picture_paths(
    const std::vector<std::string>& words, std::istream& in,
    const std::function<void(const std::string& why)>& on_skipped = nullptr);

}  // namespace unclip::cli
