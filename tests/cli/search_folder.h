#pragma once

#include <string>

#include "search/picture_index.h"
#include "tests/cli/run.h"

namespace unclip::testing {

/// A tiny model, and three images of one colour in pictures/.
struct SearchFolder : ModelFolder {
  SearchFolder() {
    picture("a.png", 0.2);
    picture("sub/b.png", 0.9);
    picture("c.png", 0.5);
  }
  /// A picture of one colour in pictures/.
  std::string picture(const std::string& file, double red) const {
    auto image = at::zeros({3, 20, 30});
    image[0].fill_(red);
    const auto path = *this / "pictures" / file;
    std::filesystem::create_directories(path.parent_path());
    return write_png(path, image, {}, WriteMode::kOverwrite).string();
  }
  Printed run(const std::string& verb, const Words& more, const std::string& input = "") const {
    Words words = {verb, "-m", *this / "model"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words, input);
  }
  Printed index(const Words& more = {}, const std::string& input = "") const {
    Words words = {pictures()};
    words.insert(words.end(), more.begin(), more.end());
    return run("index", words, input);
  }
  Printed search(const Words& more, const std::string& input = "") const {
    Words words = {pictures()};
    words.insert(words.end(), more.begin(), more.end());
    return run("search", words, input);
  }
  std::string search_error(const Words& more) const {
    return error_of([&] { search(more); });
  }
  std::string pictures() const { return (*this / "pictures").string(); }
  std::filesystem::path file() const { return index_of(*this / "pictures"); }
};

inline bool has_part(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace unclip::testing
