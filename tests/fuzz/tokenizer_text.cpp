#include "clip/tokenizer.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(tokenizer_text) {
  static const auto tokenizer = Tokenizer::load("tests/golden/tokenizer");
  const auto tokens = tokenizer.encode(bytes, 20);
  fuzz::expect(tokens.ids.size() == 20 && tokens.mask.size() == 20, "as many ids as asked for");
  tokenizer.ids_of(bytes);
}

}  // namespace unclip
