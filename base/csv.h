#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// The text as a CSV field, quoted if RFC 4180, section 2, requires it.
std::string csv_field(const std::string& text);
/// 0.5 -> "0.500000"
std::string csv_number(double value);
/// The fields as a record, with its line end.
std::string csv_record(const std::vector<std::string>& fields);

/// The records of a text. Quoted fields may contain commas, quotes and line ends. Text after the
/// last line end is an incomplete record and is left out.
std::vector<std::vector<std::string>> csv_records(std::string_view text);

}  // namespace unclip
