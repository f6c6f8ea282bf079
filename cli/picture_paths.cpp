#include "cli/picture_paths.h"

#include "cli/prompts.h"
#include "core/error.h"
#include "core/utf8.h"
#include "weights/safetensors_header.h"

namespace unclip::cli {

std::vector<std::string> picture_paths(
    const std::vector<std::string>& words, std::istream& in,
    const std::function<void(const std::string& why)>& on_skipped) {
  std::vector<std::string> paths;
  const auto add = [&](const std::string& path) {
    if (is_utf8(path)) {
      paths.push_back(path);
      return;
    }
    const auto why = shown(path) + ": expected a name in UTF-8";
    if (!on_skipped) fail(why);
    on_skipped(why);
  };
  for (const auto& word : words) {
    if (word != "-") {
      add(word);
      continue;
    }
    const auto lines = read_lines("-", in);
    if (lines.empty()) fail("standard input: has no path in it");
    for (const auto& line : lines) add(line);
  }
  return paths;
}

}  // namespace unclip::cli
