#include "hub/blob.h"

#include <gtest/gtest.h>

namespace unclip::hub {
namespace {

std::string hex_of(const std::string& bytes, size_t piece) {
  Sha1 hash;
  for (size_t i = 0; i < bytes.size(); i += piece) {
    hash.update(bytes.data() + i, std::min(piece, bytes.size() - i));
  }
  return hash.hex();
}

// The examples of NIST: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines
TEST(Sha1, HasThePublishedDigests) {
  const std::pair<std::string, std::string> all[] = {
      {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
      {std::string(1'000'000, 'a'), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"}};
  for (const auto& [bytes, digest] : all) {
    for (const size_t piece : {1, 63, 64, 65, 1 << 20}) EXPECT_EQ(hex_of(bytes, piece), digest);
  }
}

// `git hash-object` prints the first two, `sha256sum` the third.
TEST(BlobHasher, HashesAsGitOrBySha256) {
  const auto hash = [](const std::string& bytes, size_t digits) {
    BlobHasher hasher({std::string(digits, '0'), bytes.size()});
    hasher.update(bytes.data(), bytes.size());
    return hasher.hex();
  };
  EXPECT_EQ(hash("", 40), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(hash("hello\n", 40), "ce013625030ba8dba906f756967f9e9ca394464a");
  EXPECT_EQ(hash("hello\n", 64),
            "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
}

TEST(IsHash, AcceptsDigitsInLowerCaseOnly) {
  EXPECT_TRUE(is_hash(std::string(40, 'a')));
  EXPECT_TRUE(is_hash(std::string(64, '0')));
  for (const auto& bad : {std::string(40, 'A'), std::string(39, 'a'), std::string(),
                          "../" + std::string(37, 'a'), std::string(40, '/')}) {
    EXPECT_FALSE(is_hash(bad)) << bad;
  }
}

}  // namespace
}  // namespace unclip::hub
