#pragma once

#include <string>

namespace unclip::cli {

/// The text, filled with spaces up to `width` characters, and two more.
std::string padded(std::string text, size_t width);

/// 12345678 and "B" -> "12.3 MB"
std::string with_unit(double value, const char* unit);

/// A message of several lines as one line: its first two, and "..." for those that follow.
std::string on_one_line(const std::string& message);

}  // namespace unclip::cli
