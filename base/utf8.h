#pragma once

#include <string>

namespace unclip {

/// Whether the text is valid UTF-8, as JSON requires.
bool is_utf8(const std::string& text);

}  // namespace unclip
