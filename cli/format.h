#pragma once

#include <cstdio>
#include <string>

namespace unclip::cli {

/// What printf prints, at most 199 bytes of it.
template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[200];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

}  // namespace unclip::cli
