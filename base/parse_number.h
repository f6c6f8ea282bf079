#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace unclip {

/// The number that `text` is from its first to its last character; nothing if it is none, or is out
/// of T's range. T is an integer type or double; a double may be "inf" or "nan".
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace unclip
