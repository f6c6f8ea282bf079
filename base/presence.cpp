#include "base/presence.h"

#include "base/error.h"
#include "base/hub_path.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

/// The end of a chain of symbolic links: the first path that is not a link or does not exist.
fs::path end_of_links(fs::path path) {
  constexpr int kMostLinks = 40;  // as in Linux
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code error;
    const auto target = fs::read_symlink(path, error);
    if (error) break;
    path = (path.parent_path() / target).lexically_normal();
  }
  return path;
}

/// The advice for the message about a link at `path` whose target is missing.
std::string remedy(const fs::path& path) {
  if (auto hint = incomplete_download_hint(path); !hint.empty()) return hint;
  const auto repository = hub_repository(fs::absolute(path));
  return repository ? "; `unclip pull " + *repository + "` downloads it" : "";
}

}  // namespace

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_there(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error)) return true;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return false;
  const auto target = end_of_links(path);
  if (fs::is_symlink(fs::symlink_status(target, error))) {
    fail(path, ": is a symbolic link that leads to itself");
  }
  fail(path, ": is a link to ", target, ", which is missing", remedy(path));
}

}  // namespace unclip
