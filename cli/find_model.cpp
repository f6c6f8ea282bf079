#include "cli/find_model.h"

#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/shipped_models.h"
#include "weights/hub_cache.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

/// Whether a folder lists the path, be it as a link to something that is missing.
bool is_listed(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

/// The folders in which a program in `folder` looks for shipped models, the first one first.
std::vector<fs::path> shipping_folders(const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const auto* place : {".", "../../weights", "../share/unclip"}) {
    folders.push_back((folder / place).lexically_normal());
  }
  return folders;
}

fs::path program_folder() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (error) fail("/proc/self/exe: cannot be read: ", error.message());
  return program.parent_path();
}

/// Nothing if no model of that name is shipped.
std::optional<fs::path> find_by_name(const std::vector<ShippedModel>& models,
                                     const std::string& name) {
  for (const auto& model : models) {
    if (model.name == name) return model.folder;
  }
  return std::nullopt;
}

/// The cache folder of a repository, as it is if it is a model folder by itself.
bool is_repository_folder(const fs::path& path) {
  auto normal = fs::absolute(path).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();
  return normal.filename().string().starts_with("models--") && is_listed(path / "snapshots") &&
         !is_listed(path / "model_index.json");
}

std::string shipped_names() {
  std::string names;
  for (const auto& model : find_shipped_models()) names += (names.empty() ? "" : ", ") + model.name;
  return names.empty() ? "none" : names;
}

fs::path find_in_cache(const HubName& name) {
  const auto cache = HubCache::of_environment();
  if (const auto folder = cache.find(name)) return *folder;
  fail(name.repository, ": expected a folder or a model in the hub's cache ", cache.folder(),
       ", found neither; `unclip pull ", name.repository,
       name.revision == "main" ? "" : "@" + name.revision, "` downloads it there");
}

}  // namespace

std::vector<ShippedModel> find_shipped_models(const fs::path& program_folder) {
  std::map<std::string, fs::path> found;
  for (const auto& folder : shipping_folders(program_folder)) {
    std::error_code error;
    auto it = fs::directory_iterator(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
      const auto path = it->path().lexically_normal();
      if (is_listed(path / "model_index.json")) found.emplace(path.filename().string(), path);
    }
  }
  std::vector<ShippedModel> models;
  for (const auto& [name, folder] : found) models.push_back({name, folder});
  return models;
}

fs::path find_shipped_model(const fs::path& program_folder) {
  if (const auto folder = find_by_name(find_shipped_models(program_folder), kDefaultModel)) {
    return *folder;
  }
  std::string places;
  for (const auto& folder : shipping_folders(program_folder)) {
    places += (places.empty() ? "" : ", ") + (folder / kDefaultModel).lexically_normal().string();
  }
  fail("expected a model at one of ", places, ", found none; name a model with --model or ",
       "UNCLIP_MODEL");
}

std::vector<ShippedModel> find_shipped_models() { return find_shipped_models(program_folder()); }

fs::path find_model(const std::string& given) {
  if (given.empty()) {
    const char* named = std::getenv("UNCLIP_MODEL");
    return named != nullptr && *named != '\0' ? find_model(named)
                                              : find_shipped_model(program_folder());
  }
  if (is_repository_folder(given)) return find_snapshot(given, "main");
  if (is_listed(given)) return given;
  if (const auto name = HubName::parse(given)) return find_in_cache(*name);
  if (given.find('/') != given.npos) return given;
  if (const auto folder = find_by_name(find_shipped_models(), given)) return *folder;
  fail(given, ": expected a folder, OWNER/NAME of a model in the hub's cache, or a shipped model (",
       shipped_names(), "), found none of them");
}

std::map<std::string, fs::path> borrowed_parts(const Arguments& arguments) {
  std::map<std::string, fs::path> parts;
  for (const auto& text : arguments.texts("part")) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == text.npos || equals + 1 == text.size()) {
      throw UsageError("--part: expected NAME=DIR, got '" + text + "'");
    }
    if (!parts.emplace(text.substr(0, equals), find_model(text.substr(equals + 1))).second) {
      throw UsageError("--part: expected each part once, got " + text.substr(0, equals) + " twice");
    }
  }
  return parts;
}

}  // namespace unclip::cli
