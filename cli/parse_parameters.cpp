#include "cli/parse_parameters.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

namespace unclip::cli {
namespace {

constexpr std::string_view kSpaces = " \t\r";
constexpr std::string_view kNegative = "Negative prompt:";
constexpr size_t kLeastValues = 3;

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kSpaces)));
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_key(std::string_view key) {
  return key.size() >= 2 && is_word(key[0]) && std::all_of(key.begin(), key.end(), [](char c) {
           return is_word(c) || c == ' ' || c == '-' || c == '/';
         });
}

/// The size of the JSON string that the text begins with; 0 if it begins with none.
size_t size_of_string(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

std::string unquoted(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_string() ? json.get<std::string>() : std::string(text);
}

/// "Key: value, Key: "a, value"": a value is a JSON string or what is before the next comma.
std::map<std::string, std::string> parse_values(std::string_view line) {
  std::map<std::string, std::string> values;
  while (!line.empty()) {
    const auto colon = line.find(':');
    if (colon == line.npos) break;
    const auto comma = line.find(',');
    const auto key = trimmed(line.substr(0, colon));
    if (comma < colon || !is_key(key)) {  // begin anew behind the comma
      line.remove_prefix(std::min(line.size(), comma == line.npos ? comma : comma + 1));
      continue;
    }
    line.remove_prefix(colon + 1);
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(kSpaces)));
    const auto quoted = size_of_string(line);
    const auto end = quoted > 0 ? quoted : std::min(line.size(), line.find(','));
    const auto value = line.substr(0, end);
    values[std::string(key)] = quoted > 0 ? unquoted(value) : std::string(trimmed(value));
    const auto next = line.find(',', end);
    line.remove_prefix(next == line.npos ? line.size() : next + 1);
  }
  return values;
}

void append_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace

ParametersText parse_parameters(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  ParametersText result;
  const auto last = text.rfind('\n');
  const auto last_line = last == text.npos ? text : text.substr(last + 1);
  auto values = parse_values(last_line);
  if (values.size() >= kLeastValues) {
    result.values = std::move(values);
    text = last == text.npos ? std::string_view() : text.substr(0, last);
  }
  auto* part = &result.prompt;
  while (!text.empty()) {
    const auto end = std::min(text.size(), text.find('\n'));
    auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    if (line.starts_with(kNegative)) {
      part = &result.negative_prompt;
      line = trimmed(line.substr(kNegative.size()));
    }
    append_line(*part, line);
  }
  return result;
}

}  // namespace unclip::cli
