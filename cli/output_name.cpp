#include "cli/output_name.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "base/error.h"
#include "cli/arguments.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostNameBytes = 100;  // of a prompt or a model
constexpr std::array<const char*, 4> kPlaces = {"{i}", "{seed}", "{prompt}", "{model}"};

bool has_place(const std::string& pattern) {
  return std::any_of(kPlaces.begin(), kPlaces.end(),
                     [&](const char* place) { return pattern.find(place) != pattern.npos; });
}

/// {index} is more likely a slip than a wish for braces.
void expect_known_places(const std::string& pattern) {
  for (size_t begin = pattern.find('{'); begin != pattern.npos;
       begin = pattern.find('{', begin + 1)) {
    const auto end = pattern.find_first_of("{}", begin + 1);
    if (end == pattern.npos || pattern[end] == '{') continue;
    const auto place = pattern.substr(begin, end + 1 - begin);
    if (std::find(kPlaces.begin(), kPlaces.end(), place) == kPlaces.end()) {
      throw UsageError("--output: expected {i}, {seed}, {prompt} or {model} in braces, got '" +
                       place + "'");
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

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// The folder itself, or the nearest above it that is there.
fs::path nearest_folder(fs::path folder) {
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_parent_path() &&
         folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  return fs::exists(folder, ignored) ? folder : fs::path(".");
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, ": the folder cannot be made: ", error.message());
}

bool is_safe(char c) {
  constexpr std::string_view kSigns = "-+=,.@%~()[]";
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') || kSigns.find(c) != kSigns.npos;
}

/// A text as a part of a file's name: see file_name_of_prompt. `fallback` if nothing is left.
std::string safe_name(const std::string& text, const char* fallback) {
  std::string name;
  for (const char c : text) {
    if (is_safe(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  if (name.size() > kMostNameBytes) {
    size_t end = kMostNameBytes;  // not within a character
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
    name.resize(end);
  }
  // A name that begins with . is hidden, one that begins with - reads as an option.
  name.erase(0, std::min(name.size(), name.find_first_not_of("_.-")));
  while (!name.empty() && (name.back() == '_' || name.back() == '.')) name.pop_back();
  return name.empty() ? fallback : name;
}

}  // namespace

bool is_standard_output(const std::string& output) {
  return output == "-" || stream_of_name(output) == 1;
}

std::string file_name_of_prompt(const std::string& prompt) { return safe_name(prompt, "image"); }

OutputName::OutputName(const std::string& given, const std::string& fallback, int64_t files)
    : files_(files) {
  std::error_code ignored;
  stream_ = cli::is_standard_output(given);
  const bool pipe = fs::is_fifo(given, ignored) || stream_of_name(given).has_value();
  if ((stream_ || pipe) && files != 1) {
    throw UsageError("--output " + given + ": expected one image for " +
                     (stream_ ? "standard output" : "a pipe") + ", got " +
                     (files == 0 ? "one for each line of standard input" : std::to_string(files)));
  }
  if (stream_ || is_stream(given)) {
    pattern_ = given;
  } else if (given.empty() || given.ends_with('/') || fs::is_directory(given, ignored)) {
    folder_ = given.empty() ? "." : given;
    pattern_ = fallback;
    makes_folders_ = true;
  } else {
    expect_known_places(given);
    makes_folders_ = has_place(given);
    pattern_ = makes_folders_ || files == 1 ? given : numbered(given);
  }
}

fs::path OutputName::path(int64_t i, uint64_t seed, const std::string& prompt) const {
  auto name = filled_in(pattern_, "{i}", std::to_string(i));
  name = filled_in(name, "{seed}", std::to_string(seed));
  name = filled_in(name, "{model}", safe_name(model_, "model"));
  if (name.find("{prompt}") == name.npos) return folder_ / name;
  return folder_ / filled_in(name, "{prompt}", file_name_of_prompt(prompt));
}

void OutputName::make_folder_of(const fs::path& path) const {
  if (makes_folders_) make_folders(folder_of(path));
}

void OutputName::prepare(uint64_t first_seed, WriteMode mode, const PromptOf& prompt_of) const {
  if (stream_) return;
  expect_writable_files(first_seed, mode, prompt_of);
  if (!makes_folders_) return;
  std::set<fs::path> folders;
  for (int64_t i = 0; i < files_; ++i) {
    const auto prompt = prompt_of ? prompt_of(i) : "";
    folders.insert(folder_of(path(i, first_seed + static_cast<uint64_t>(i), prompt)));
    if (pattern_.find('/') == pattern_.npos) break;  // they all have the same
  }
  for (const auto& folder : folders) make_folders(folder);
}

void OutputName::expect_writable_files(uint64_t first_seed, WriteMode mode,
                                       const PromptOf& prompt_of) const {
  const auto namesakes = pattern_.find("{i}") == pattern_.npos ? files_ - 1 : 0;
  for (int64_t i = 0; i < files_; ++i) {
    const auto prompt = prompt_of ? prompt_of(i) : "";
    const auto file = path(i, first_seed + static_cast<uint64_t>(i), prompt);
    if (is_stream(file)) continue;
    if (makes_folders_) {
      expect_folder_for(nearest_folder(folder_of(file)) / "x");
    } else {
      expect_folder_for(file);
    }
    expect_name_fits(file, mode, namesakes);
  }
}

void expect_writable(const fs::path& path, WriteMode mode, int64_t namesakes) {
  if (is_stream(path)) return;
  expect_folder_for(path);
  expect_name_fits(path, mode, namesakes);
}

}  // namespace unclip::cli
