#include "weights/companion.h"

#include <algorithm>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/front_matter.h"
#include "base/hub_path.h"
#include "base/presence.h"
#include "weights/hub_cache.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

bool is_model_folder(const fs::path& dir) { return is_there(dir / "model_index.json"); }

fs::path absolute_folder(const fs::path& dir) {
  auto folder = fs::absolute(dir).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder;
}

/// The cache that holds `snapshot`, CACHE/models--OWNER--NAME/snapshots/COMMIT; otherwise the
/// environment's.
HubCache cache_of(const fs::path& snapshot) {
  const auto folder = absolute_folder(snapshot);
  const bool cached =
      folder.parent_path().filename() == "snapshots" && hub_repository(folder).has_value();
  if (!cached) return HubCache::of_environment();
  return HubCache(folder.parent_path().parent_path().parent_path());
}

/// The folder of a repository, next to `dir` or in the cache; empty if there is none.
fs::path find_repository(const fs::path& dir, const std::string& repository) {
  const auto name = HubName::parse(repository);
  if (!name) return {};
  std::error_code error;
  for (const auto& place : {absolute_folder(dir), fs::canonical(dir, error)}) {
    const auto beside = place.parent_path() / fs::path(repository).filename();
    if (!place.empty() && is_model_folder(beside)) return beside;
  }
  try {
    if (const auto cached = cache_of(dir).find(*name)) return *cached;
  } catch (const Error&) {  // the cache lacks the revision
  }
  return {};
}

}  // namespace

std::string repository_of(const fs::path& dir, const ModelLayout& layout, const std::string& home) {
  const auto* companion = layout.companion(home);
  if (companion == nullptr) return layout.repository;
  const auto readme = dir / "README.md";
  if (!companion->readme_key.empty() && is_there(readme)) {
    const auto names = front_matter_values(file_bytes(readme), companion->readme_key);
    if (!names.empty() && HubName::parse(names.front())) return names.front();
  }
  return companion->repository;
}

std::map<std::string, fs::path> find_model_folders(const fs::path& dir,
                                                   const std::string& class_name,
                                                   const ModelLayout& layout) {
  const auto own = layout.home_of_class(class_name);
  std::map<std::string, fs::path> folders = {{own, dir}};
  std::vector<std::string> others = {""};
  for (const auto& companion : layout.companions) others.push_back(companion.name);
  for (const auto& home : others) {
    if (home == own) continue;
    auto folder = own.empty() && is_model_folder(dir / home)
                      ? dir / home
                      : find_repository(dir, repository_of(dir, layout, home));
    if (!folder.empty()) folders.emplace(home, std::move(folder));
  }
  return folders;
}

std::string where_to_put(const fs::path& dir, const ModelLayout& layout, const std::string& home) {
  const auto repository = repository_of(dir, layout, home);
  if (repository.empty()) return {};
  return "expected it in ../" + fs::path(repository).filename().string() + " or as " + repository +
         " in the hub's cache, where `unclip pull " + repository + "` puts it";
}

}  // namespace unclip
