#include "base/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace unclip {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& names) {
  if (names.empty() || name.size() < 3) return "";
  const auto nearest = std::min_element(names.begin(), names.end(), [&](auto& a, auto& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
  const bool near = edit_distance(name, *nearest) <= std::max<size_t>(1, name.size() / 3);
  return near ? *nearest : "";
}

std::string name_hint(const std::string& name, const std::vector<std::string>& names) {
  const auto nearest = std::min_element(names.begin(), names.end(), [&](auto& a, auto& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
  std::string text;
  if (edit_distance(name, *nearest) <= std::max<size_t>(2, name.size() / 3)) {
    text.append("did you mean ").append(*nearest).append("? ");
  }
  // After a question, a new sentence begins.
  text += text.empty() ? "t" : "T";
  text += names.size() == 1 ? "here is " : "here are ";
  for (const auto& each : names) {
    if (&each != &names.front()) text += ", ";
    text += each;
  }
  return text;
}

}  // namespace unclip
