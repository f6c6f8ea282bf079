#include "base/front_matter.h"

#include <algorithm>

namespace unclip {
namespace {

constexpr size_t kMostBytes = 64 << 10;
constexpr size_t kMostValues = 16;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

/// Cuts the first line off `text`, and returns it without its end.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// A value without quotes, or without the comment behind it.
std::string scalar(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    return std::string(text.substr(1, text.find(text[0], 1) - 1));
  }
  if (text.starts_with('#')) return {};
  return std::string(trimmed(text.substr(0, text.find(" #"))));
}

/// The values on the key's own line: one, or a list in brackets.
std::vector<std::string> inline_values(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('[')) {
    const auto value = scalar(text);
    return value.empty() ? std::vector<std::string>() : std::vector{value};
  }
  std::vector<std::string> values;
  auto rest = text.substr(1, text.find(']') - 1);
  while (!rest.empty() && values.size() < kMostValues) {
    const auto comma = rest.find(',');
    if (auto value = scalar(rest.substr(0, comma)); !value.empty()) values.push_back(value);
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  }
  return values;
}

}  // namespace

std::vector<std::string> front_matter_values(std::string_view markdown, std::string_view key) {
  auto rest = markdown.substr(0, kMostBytes);
  if (trimmed(next_line(rest)) != "---") return {};
  std::vector<std::string> values;
  bool inside = false;  // the lines below the key
  while (!rest.empty()) {
    const auto line = next_line(rest);
    const auto text = trimmed(line);
    if (text == "---") return values;
    if (inside && text.starts_with("- ")) {
      if (values.size() < kMostValues) values.push_back(scalar(text.substr(2)));
      continue;
    }
    if (inside && (text.empty() || text.starts_with('#'))) continue;
    inside = false;
    const bool names_key =
        line.starts_with(key) && trimmed(line.substr(key.size())).starts_with(':');
    if (!names_key) continue;
    values = inline_values(trimmed(line.substr(key.size())).substr(1));
    inside = values.empty();
  }
  return {};  // the block has no end, so it is not one
}

}  // namespace unclip
