#pragma once

#include <filesystem>
#include <string>

#include "hub/blob.h"

namespace unclip::hub {

/// One repository's folder in the hub's cache, laid out as huggingface_hub does it, so that both
/// programs use the same files:
///   CACHE/models--OWNER--NAME/blobs/HASH                   contents; HASH.incomplete: the
///   beginning
///                             snapshots/COMMIT/PATH        relative links to blobs
///                             refs/REVISION                a commit
///   CACHE/.locks/models--OWNER--NAME/HASH.lock             held by who writes the blob
/// https://huggingface.co/docs/huggingface_hub/guides/manage-cache
class CacheWriter {
 public:
  CacheWriter(std::filesystem::path cache, const std::string& repository);

  std::filesystem::path blob_path(const Blob& blob) const { return folder_ / "blobs" / blob.hash; }
  std::filesystem::path lock_path(const Blob& blob) const;
  std::filesystem::path snapshot(const std::string& commit) const {
    return folder_ / "snapshots" / commit;
  }

  /// Whether the blob is there, with its size.
  bool has(const Blob& blob) const;
  /// Bytes of the blob that an earlier download has left.
  uint64_t incomplete_size(const Blob& blob) const;
  /// Whether the snapshot's file leads to the blob.
  bool is_linked(const std::string& commit, const std::string& path, const Blob& blob) const;

  /// Makes the folders for blobs. Like the functions below it throws Error if the cache is not
  /// writable.
  void prepare() const;
  /// Makes the snapshot's file a link to the blob. `path` must be plain (is_plain_path).
  void link(const std::string& commit, const std::string& path, const Blob& blob) const;
  /// Makes the revision name the commit, unless it does or is the commit itself.
  void write_ref(const std::string& revision, const std::string& commit) const;

 private:
  std::filesystem::path cache_, folder_;
};

}  // namespace unclip::hub
