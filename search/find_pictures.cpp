#include "search/find_pictures.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "image/image_format.h"
#include "image/read_picture.h"
#include "weights/tensor_entry.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kNanoseconds = 1'000'000'000;

/// Whether the file begins like an image; false if it cannot be read.
bool reads_as_picture(const fs::path& path) {
  return access(path.c_str(), R_OK) == 0 && begins_as_picture(path);
}

/// ".jpg" of "A.JPG"
std::string lower_extension(const fs::path& path) {
  auto ending = path.extension().string();
  for (auto& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

/// Whether it is the name of an image in a format that read_picture() does not read.
bool is_other_image_name(const fs::path& path) {
  constexpr std::string_view kEndings[] = {".apng", ".avif", ".bmp", ".gif", ".heic", ".heif",
                                           ".ico",  ".jfif", ".jp2", ".jpe", ".jxl",  ".pbm",
                                           ".pgm",  ".ppm",  ".tga", ".tif", ".tiff", ".webp"};
  return !is_picture_name(path) && std::find(std::begin(kEndings), std::end(kEndings),
                                             lower_extension(path)) != std::end(kEndings);
}

class Listing {
 public:
  explicit Listing(const fs::path& folder) : root_(folder) {
    std::error_code error;
    if (!fs::is_directory(root_, error)) fail(root_, ": expected a folder");
    if (const auto why = list(""); !why.empty()) fail(root_, ": cannot be read: ", why);
    // Folders come before links to them, so that images get the paths without links.
    while (!folders_.empty() || !linked_.empty()) {
      auto& next = folders_.empty() ? linked_ : folders_;
      const auto path = next.back();
      next.pop_back();
      if (const auto why = list(path); !why.empty()) {
        result_.left_out.push_back(shown((root_ / path).string()) + ": cannot be read: " + why);
      }
    }
    std::sort(result_.pictures.begin(), result_.pictures.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    std::sort(result_.passed_over.begin(), result_.passed_over.end());
  }

  FolderListing take() { return std::move(result_); }

 private:
  /// Lists a folder. Returns why it cannot be read; empty if it was read.
  std::string list(const fs::path& path) {
    struct stat status = {};
    if (stat((root_ / path).c_str(), &status) != 0) return std::strerror(errno);
    if (!seen_.insert({status.st_dev, status.st_ino}).second) return "";
    std::error_code error;
    auto entries = fs::directory_iterator(root_ / path, error);
    while (!error && entries != fs::directory_iterator()) {
      add(*entries, path / entries->path().filename());
      entries.increment(error);
    }
    return error ? error.message() : "";
  }

  void add(const fs::directory_entry& entry, const fs::path& path) {
    if (path.filename().native().starts_with('.')) return;
    struct stat status = {};
    if (stat(entry.path().c_str(), &status) != 0) return;  // gone, or a link without a target
    if (S_ISDIR(status.st_mode)) {
      std::error_code ignored;
      (entry.is_symlink(ignored) ? linked_ : folders_).push_back(path);
      return;
    }
    if (!S_ISREG(status.st_mode)) return;
    if (!is_picture_name(path) && (path.has_extension() || !reads_as_picture(entry.path()))) {
      if (is_other_image_name(path)) result_.passed_over.push_back(path.generic_string());
      return;
    }
    if (!is_utf8(path.string())) {
      result_.left_out.push_back(shown(entry.path().string()) + ": its name is not valid UTF-8");
      return;
    }
    const auto& time = status.st_mtim;
    result_.pictures.push_back({path.generic_string(), int64_t{status.st_size},
                                int64_t{time.tv_sec} * kNanoseconds + int64_t{time.tv_nsec}});
  }

  fs::path root_;
  FolderListing result_;
  std::vector<fs::path> folders_, linked_;  // not listed yet
  std::set<std::pair<dev_t, ino_t>> seen_;  // folders
};

}  // namespace

bool is_picture_name(const fs::path& path) { return format_of_name(path).has_value(); }

FolderListing find_pictures(const fs::path& folder) { return Listing(folder).take(); }

}  // namespace unclip
