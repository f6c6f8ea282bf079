#include "clip/tokenizer.h"
#include "tests/fuzz/target.h"
#include "tests/weights/files.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(tokenizer_files) {
  // vocab.json, a zero byte, merges.txt; without a zero byte, tokenizer.json.
  static const testing::TemporaryFolder folder;
  for (const auto* name : {"vocab.json", "merges.txt", "tokenizer.json"}) {
    std::filesystem::remove(folder / name);
  }
  const auto zero = bytes.find('\0');
  if (zero == bytes.npos) {
    testing::write_text(folder / "tokenizer.json", bytes);
  } else {
    testing::write_text(folder / "vocab.json", bytes.substr(0, zero));
    testing::write_text(folder / "merges.txt", bytes.substr(zero + 1));
  }
  const auto tokenizer = Tokenizer::load(folder.path());
  for (const auto id : tokenizer.encode("a red ball's", 8).ids) {
    fuzz::expect(id >= 0 && id < tokenizer.vocab_size(), "an id is below the vocabulary's size");
  }
}

}  // namespace unclip
