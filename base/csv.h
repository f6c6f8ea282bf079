#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// In quotes where RFC 4180, section 2, wants them.
std::string csv_field(const std::string& text);
/// 0.5 -> "0.500000"
std::string csv_number(double value);
/// A record with its line's end.
std::string csv_record(const std::vector<std::string>& fields);

/// The records of a text, quoted fields with their commas, quotes and line ends. What stands behind
/// the last line's end is no whole record, and is left out.
std::vector<std::vector<std::string>> csv_records(std::string_view text);

}  // namespace unclip
