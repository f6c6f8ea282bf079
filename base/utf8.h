#pragma once

#include <string>

namespace unclip {

/// Is the text valid UTF-8? Only then can JSON hold it.
bool is_utf8(const std::string& text);

}  // namespace unclip
