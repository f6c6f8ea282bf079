#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "hub/sha1.h"
#include "weights/sha256.h"

namespace unclip::hub {

/// The contents of a file on the hub. `hash` is also the file's name in the cache: the SHA-256 of a
/// large file (64 digits), or the SHA-1 that git gives a small one (40 digits).
struct Blob {
  std::string hash;
  uint64_t size = 0;

  bool operator==(const Blob&) const = default;
};

/// Whether the text is a hash of one of the two kinds: hexadecimal digits in lower case. A commit
/// has the same form.
bool is_hash(const std::string& text);

/// Computes the hash of contents that are passed in pieces, by the kind of a given blob.
class BlobHasher {
 public:
  explicit BlobHasher(const Blob& blob);
  void update(const void* data, size_t size);
  /// The hash of all bytes so far. It equals Blob::hash only if they are the blob's.
  std::string hex() const;

 private:
  std::variant<Sha1, Sha256> hash_;
};

}  // namespace unclip::hub
