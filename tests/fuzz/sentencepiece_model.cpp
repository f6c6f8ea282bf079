#include "clip/sentencepiece_model.h"

#include "clip/character_map.h"
#include "clip/unicode.h"
#include "clip/unigram.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(sentencepiece_model, "clip/xlm_roberta/sentencepiece.bpe.model") {
  const auto model = parse_sentencepiece_model(bytes, "model");
  fuzz::expect(model.pieces.size() == model.kinds.size(), "every piece has a kind");
  // The bytes of the file, read as characters, lead to every place of the map.
  std::u32string text;
  for (const char byte : bytes.substr(0, 4096)) text.push_back(static_cast<uint8_t>(byte));
  const auto map = model.character_map.empty() ? CharacterMap()
                                               : CharacterMap::parse(model.character_map, "map");
  const auto word = to_utf8(map.normalize(text));
  const auto count = static_cast<int64_t>(model.pieces.size());
  for (const auto id : Unigram(model.pieces, 0, "model").encode(word)) {
    fuzz::expect(id >= 0 && id < count, "an id is below the number of pieces");
  }
}

}  // namespace unclip
