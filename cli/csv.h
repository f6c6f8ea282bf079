#pragma once

#include <string>

namespace unclip::cli {

/// In quotes where RFC 4180, section 2, wants them.
std::string csv_field(const std::string& text);
/// 0.5 -> "0.500000"
std::string csv_number(double value);

}  // namespace unclip::cli
