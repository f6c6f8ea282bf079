#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// A model on the Hugging Face hub: "OWNER/NAME" or "OWNER/NAME@REVISION".
struct HubName {
  std::string repository;  // OWNER/NAME
  std::string revision;    // a branch, a tag, or (the beginning of) a commit

  /// Parses such a name; nothing if the text has another form. The revision is "main" if it is not
  /// given.
  static std::optional<HubName> parse(std::string_view text);
};

/// The folder of the hub's programs: $HF_HOME, else $XDG_CACHE_HOME/huggingface or
/// ~/.cache/huggingface. It need not exist.
std::filesystem::path hub_home();
/// The path with ~, $NAME and ${NAME} replaced, as huggingface_hub does. Variables that are not set
/// stay.
std::filesystem::path expanded_path(std::string path);
/// The name of a repository's folder in the cache: "owner/name" -> "models--owner--name".
std::string repository_folder_name(std::string repository);

/// The cache folder that the hub's own client downloads repositories to. This class only reads it;
/// hub/cache_writer.h writes it.
///   FOLDER/models--OWNER--NAME/refs/REVISION         holds the commit's name
///   FOLDER/models--OWNER--NAME/snapshots/COMMIT/     links to the files in blobs/
/// https://huggingface.co/docs/huggingface_hub/guides/manage-cache
class HubCache {
 public:
  struct Snapshot {
    std::string name;  // OWNER/NAME, with @REVISION unless that is main
    std::filesystem::path folder;
  };

  explicit HubCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// The folder that huggingface_hub would use, which need not exist: $HF_HUB_CACHE,
  /// $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub, $XDG_CACHE_HOME/huggingface/hub or
  /// ~/.cache/huggingface/hub, the first of these whose variable is set.
  static HubCache of_environment();

  const std::filesystem::path& folder() const { return folder_; }

  /// The model's snapshot folder. Nothing if the repository is not in the cache. Throws Error if
  /// the repository lacks the revision, or if several commits begin with it; the message lists the
  /// revisions that it has.
  std::optional<std::filesystem::path> find(const HubName& name) const;

  /// All snapshots, sorted by repository: one for each revision that refs/ names, except other
  /// names of main, and one for each commit that refs/ does not name.
  std::vector<Snapshot> snapshots() const;

 private:
  std::filesystem::path folder_;
};

/// The snapshot folder of a revision in one repository's cache folder, models--OWNER--NAME. Throws
/// Error if the repository lacks the revision.
std::filesystem::path find_snapshot(const std::filesystem::path& repository_folder,
                                    const std::string& revision);

}  // namespace unclip
