#include "hub/blob.h"

#include <algorithm>

namespace unclip::hub {

bool is_hash(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

BlobHasher::BlobHasher(const Blob& blob) {
  if (blob.hash.size() == 64) {
    hash_ = Sha256();
    return;
  }
  // https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
  const auto header = "blob " + std::to_string(blob.size) + std::string(1, '\0');
  update(header.data(), header.size());
}

void BlobHasher::update(const void* data, size_t size) {
  std::visit([&](auto& hash) { hash.update(data, size); }, hash_);
}

std::string BlobHasher::hex() const {
  return std::visit([](const auto& hash) { return hash.hex(); }, hash_);
}

}  // namespace unclip::hub
