#include "base/hub_path.h"

#include <algorithm>

namespace unclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "models--";

/// Whether a file below the folder has the extension that the hub's client gives to unfinished
/// files.
bool has_incomplete_file(const fs::path& folder) {
  std::error_code error;
  auto it = fs::recursive_directory_iterator(folder, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->path().extension() == ".incomplete") return true;
  }
  return false;
}

}  // namespace

std::optional<fs::path> hub_repository_folder(const fs::path& path) {
  fs::path folder;
  std::optional<fs::path> found;
  for (const auto& component : path) {
    folder /= component;
    const auto& name = component.native();
    if (name.starts_with(kPrefix) && name.size() > kPrefix.size()) found = folder;
  }
  return found;
}

std::optional<std::string> hub_repository(const fs::path& path) {
  const auto folder = hub_repository_folder(path);
  if (!folder) return std::nullopt;
  const auto name = folder->filename().string().substr(kPrefix.size());
  const auto dashes = name.find("--");
  return dashes == name.npos ? name : name.substr(0, dashes) + "/" + name.substr(dashes + 2);
}

std::string incomplete_download_hint(const fs::path& path) {
  const auto absolute = fs::absolute(path).lexically_normal();
  if (const auto folder = hub_repository_folder(absolute)) {
    if (!has_incomplete_file(*folder / "blobs")) return {};
    const auto name = *hub_repository(absolute);
    return "; the download of " + name + " is incomplete; `unclip pull " + name + "` continues it";
  }
  // `hf download --local-dir DIR` keeps unfinished files in DIR/.cache.
  for (auto folder = absolute; folder.has_relative_path(); folder = folder.parent_path()) {
    if (!has_incomplete_file(folder / ".cache/huggingface/download")) continue;
    return "; the download to " + folder.string() + " is incomplete; `hf download` continues it";
  }
  return {};
}

}  // namespace unclip
