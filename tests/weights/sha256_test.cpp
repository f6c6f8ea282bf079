#include "weights/sha256.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

std::string digest(const std::string& text) {
  Sha256 hash;
  hash.update(text.data(), text.size());
  return hash.hex();
}

// The examples of FIPS 180-2, appendix B, and the empty message.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(digest(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  const std::string text(200, 'x');
  for (const size_t piece : {1, 7, 55, 56, 63, 64, 65, 128}) {
    Sha256 hash;
    for (size_t i = 0; i < text.size(); i += piece) {
      const auto part = text.substr(i, piece);
      hash.update(part.data(), part.size());
    }
    EXPECT_EQ(hash.hex(), digest(text)) << piece;
  }
}

TEST(Sha256, GoesOnAfterItsDigestWasAskedFor) {
  Sha256 hash;
  hash.update("ab", 2);
  hash.hex();
  hash.update("c", 1);
  EXPECT_EQ(hash.hex(), digest("abc"));
}

}  // namespace
}  // namespace unclip
