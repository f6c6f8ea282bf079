#include "cli/text_table.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace unclip::cli {

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text + "  ";
}

std::string with_unit(double value, const char* unit) {
  const char* prefix = "";
  for (const auto* next : {"k", "M", "G"}) {
    if (value < 1000) break;
    value /= 1000;
    prefix = next;
  }
  char text[50];
  std::snprintf(text, sizeof text, *prefix ? "%.1f %s%s" : "%.0f %s%s", value, prefix, unit);
  return text;
}

std::string on_one_line(const std::string& message) {
  std::istringstream lines(message);
  std::string result, line;
  std::getline(lines, result);
  if (std::getline(lines, line)) {
    result += ' ';
    result += line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  if (std::getline(lines, line)) result += " ...";
  return result;
}

}  // namespace unclip::cli
