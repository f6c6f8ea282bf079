#include "weights/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

#include "base/error.h"
#include "base/hub_path.h"
#include "base/presence.h"
#include "base/user_cache.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? value : "";
}

/// The entries of a folder, sorted by name; none if it cannot be read.
std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  auto it = fs::directory_iterator(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) entries.push_back(*it);
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Whether the revision is a path that stays within refs/.
bool is_plain(const std::string& revision) {
  static const std::regex form(R"([\w.-]+(/[\w.-]+)*)");
  return std::regex_match(revision, form) && revision.find("..") == revision.npos;
}

/// The commit that a file in refs/ names; empty if it names none.
std::string read_commit(const fs::path& ref) {
  std::error_code error;
  if (!fs::is_regular_file(ref, error)) return {};
  std::ifstream file(ref, std::ios::binary);
  std::string commit(64, '\0');  // as long as the name of a SHA-256 commit
  file.read(commit.data(), static_cast<std::streamsize>(commit.size()));
  commit.resize(static_cast<size_t>(file.gcount()));
  while (!commit.empty() && std::string_view(" \r\n").find(commit.back()) != std::string_view::npos)
    commit.pop_back();
  static const std::regex form("[0-9A-Za-z]+");
  return std::regex_match(commit, form) ? commit : std::string();
}

/// Every revision in refs/ and its subfolders, with its commit.
std::map<std::string, std::string> read_refs(const fs::path& repository) {
  std::map<std::string, std::string> refs;
  const auto root = repository / "refs";
  std::error_code error;
  auto it = fs::recursive_directory_iterator(root, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const auto commit = read_commit(it->path());
    if (!commit.empty()) refs[it->path().lexically_relative(root).generic_string()] = commit;
  }
  return refs;
}

std::string short_commit(const std::string& commit) { return commit.substr(0, 12); }

/// The snapshots of the repository, by the names of their revisions.
std::map<std::string, fs::path> revisions(const fs::path& repository) {
  std::map<std::string, fs::path> found;
  std::map<std::string, fs::path> commits;
  for (const auto& folder : sorted_entries(repository / "snapshots")) {
    if (is_folder(folder)) commits[folder.filename().string()] = folder;
  }
  auto unnamed = commits;
  for (const auto& [revision, commit] : read_refs(repository)) {
    const auto it = commits.find(commit);
    if (it == commits.end()) continue;
    found[revision] = it->second;
    unnamed.erase(commit);
  }
  for (const auto& [commit, folder] : unnamed) found[short_commit(commit)] = folder;
  return found;
}

[[noreturn]] void fail_without_revision(const fs::path& repository, const std::string& revision) {
  std::string known;
  for (const auto& [name, folder] : revisions(repository)) {
    known += (known.empty() ? "" : ", ") + name;
  }
  const auto name = hub_repository(repository).value_or(repository.string());
  auto remedy = incomplete_download_hint(repository);
  if (remedy.empty() || revision != "main") {
    remedy =
        "; `unclip pull " + name + (revision == "main" ? "" : "@" + revision) + "` downloads it";
  }
  fail(repository, ": expected the revision '", revision, "', found ",
       known.empty() ? "no snapshot" : known, remedy);
}

}  // namespace

fs::path expanded_path(std::string text) {
  if (text == "~" || text.starts_with("~/")) text = home_folder() + text.substr(1);
  static const std::regex reference(R"(\$(\w+|\{\w+\}))");
  std::string result;
  std::smatch match;
  while (std::regex_search(text, match, reference)) {
    auto name = match[1].str();
    if (name.front() == '{') name = name.substr(1, name.size() - 2);
    const char* value = std::getenv(name.c_str());
    result += match.prefix().str() + (value != nullptr ? value : match[0].str());
    text = match.suffix().str();
  }
  return result + text;
}

fs::path hub_home() {
  if (const auto value = variable("HF_HOME"); !value.empty()) return expanded_path(value);
  const auto xdg = variable("XDG_CACHE_HOME");
  const auto cache = xdg.empty() ? fs::path(home_folder()) / ".cache" : expanded_path(xdg);
  return cache / "huggingface";
}

std::string repository_folder_name(std::string repository) {
  if (const auto slash = repository.find('/'); slash != repository.npos) {
    repository.replace(slash, 1, "--");
  }
  return "models--" + repository;
}

std::optional<HubName> HubName::parse(std::string_view text) {
  static const std::regex form(R"((\w[\w.-]*/\w[\w.-]*)(?:@(.+))?)");
  std::cmatch match;
  if (text.size() > 300 || !std::regex_match(text.begin(), text.end(), match, form)) return {};
  HubName name{match[1].str(), match[2].matched ? match[2].str() : "main"};
  // The cache writes -- in place of the slash, so the hub does not allow it anywhere else.
  if (name.repository.find("--") != std::string::npos || !is_plain(name.revision)) return {};
  return name;
}

HubCache HubCache::of_environment() {
  for (const auto* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const auto value = variable(name); !value.empty()) return HubCache(expanded_path(value));
  }
  return HubCache(hub_home() / "hub");
}

fs::path find_snapshot(const fs::path& repository, const std::string& revision) {
  const auto snapshots = repository / "snapshots";
  if (!is_plain(revision)) fail_without_revision(repository, revision);
  if (const auto commit = read_commit(repository / "refs" / revision); !commit.empty()) {
    if (is_folder(snapshots / commit)) return snapshots / commit;
    fail_without_revision(repository, revision);
  }
  std::vector<fs::path> fitting;
  for (const auto& folder : sorted_entries(snapshots)) {
    const auto commit = folder.filename().string();
    if (commit == revision) return folder;
    if (commit.starts_with(revision) && is_folder(folder)) fitting.push_back(folder);
  }
  constexpr size_t kShortest = 4;  // as in git
  if (fitting.size() == 1 && revision.size() >= kShortest) return fitting.front();
  fail_without_revision(repository, revision);
}

std::optional<fs::path> HubCache::find(const HubName& name) const {
  const auto folder = folder_ / repository_folder_name(name.repository);
  if (!is_folder(folder)) return std::nullopt;
  return find_snapshot(folder, name.revision);
}

std::vector<HubCache::Snapshot> HubCache::snapshots() const {
  std::vector<Snapshot> all;
  for (const auto& folder : sorted_entries(folder_)) {
    if (!folder.filename().string().starts_with("models--")) continue;
    const auto repository = hub_repository(folder);
    if (!repository) continue;
    const auto found = revisions(folder);
    const auto main = found.find("main");
    for (const auto& [revision, snapshot] : found) {
      const bool is_main = main != found.end() && snapshot == main->second;
      if (is_main && revision != "main") continue;  // another name of the same files
      all.push_back({*repository + (revision == "main" ? "" : "@" + revision), snapshot});
    }
  }
  return all;
}

}  // namespace unclip
