#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// The words in order, with `between` between them.
inline std::string join(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) text.append(i == 0 ? "" : between).append(words[i]);
  return text;
}

}  // namespace unclip
