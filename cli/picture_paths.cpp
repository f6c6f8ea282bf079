#include "cli/picture_paths.h"

#include "cli/prompts.h"

namespace unclip::cli {

std::vector<std::string> picture_paths(const std::vector<std::string>& words, std::istream& in) {
  std::vector<std::string> paths;
  for (const auto& word : words) {
    if (word == "-") {
      const auto more = read_list("-", in, "path");
      paths.insert(paths.end(), more.begin(), more.end());
    } else {
      expect_utf8("the picture's name '" + word + "'", word);
      paths.push_back(word);
    }
  }
  return paths;
}

}  // namespace unclip::cli
