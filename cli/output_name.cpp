#include "cli/output_name.h"

#include <unistd.h>

#include <algorithm>

#include "cli/arguments.h"
#include "core/error.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

bool has_place(const std::string& pattern) {
  return pattern.find("{i}") != pattern.npos || pattern.find("{seed}") != pattern.npos;
}

/// {index} is more likely a slip than a wish for braces.
void expect_known_places(const std::string& pattern) {
  for (size_t begin = pattern.find('{'); begin != pattern.npos;
       begin = pattern.find('{', begin + 1)) {
    const auto end = pattern.find_first_of("{}", begin + 1);
    if (end == pattern.npos || pattern[end] == '{') continue;
    const auto place = pattern.substr(begin, end + 1 - begin);
    if (place != "{i}" && place != "{seed}") {
      throw UsageError("--output has '" + place + "' in it; only {i} and {seed} are filled in");
    }
  }
}

std::string filled_in(std::string pattern, const std::string& place, const std::string& value) {
  for (size_t at = pattern.find(place); at != pattern.npos;
       at = pattern.find(place, at + value.size())) {
    pattern.replace(at, place.size(), value);
  }
  return pattern;
}

/// fox.png -> fox-{i}.png
std::string numbered(const fs::path& file) {
  auto name = file.stem();
  name += "-{i}";
  name += file.extension();
  return (file.parent_path() / name).string();
}

void expect_folder_of(const fs::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    fail(path, ": cannot be written: there is no folder ", folder);
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    fail(path, ": cannot be written: the folder ", folder, " is read-only");
  }
}

}  // namespace

OutputName::OutputName(const std::string& given, const std::string& fallback, int64_t files)
    : files_(files) {
  std::error_code ignored;
  if (given.empty() || given.ends_with('/') || fs::is_directory(given, ignored)) {
    folder_ = given.empty() ? "." : given;
    pattern_ = fallback;
    return;
  }
  expect_known_places(given);
  pattern_ = has_place(given) || files == 1 ? given : numbered(given);
}

fs::path OutputName::path(int64_t i, uint64_t seed) const {
  const auto name = filled_in(pattern_, "{i}", std::to_string(i));
  return folder_ / filled_in(name, "{seed}", std::to_string(seed));
}

void OutputName::prepare(uint64_t first_seed) const {
  std::error_code error;
  if (!folder_.empty() && !fs::exists(folder_, error)) {
    const auto folder = folder_.parent_path();  // without the / at its end
    expect_folder_of(folder);
    fs::create_directory(folder, error);
    if (error) fail(folder, ": cannot be made: ", error.message());
  }
  for (int64_t i = 0; i < files_; ++i) {
    expect_writable(path(i, first_seed + static_cast<uint64_t>(i)));
  }
}

void expect_writable(const fs::path& path) {
  expect_folder_of(path);
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    fail(path, ": cannot be written: it is there and is no file");
  }
}

}  // namespace unclip::cli
