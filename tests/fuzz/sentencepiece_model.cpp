#include "clip/sentencepiece_model.h"

#include "clip/character_map.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(sentencepiece_model, "clip/xlm_roberta/sentencepiece.bpe.model") {
  const auto model = parse_sentencepiece_model(bytes, "model");
  fuzz::expect(model.pieces.size() == model.kinds.size(), "every piece has a kind");
  if (model.character_map.empty()) return;
  // The bytes of the file, read as characters, lead to every place of the map.
  std::u32string text;
  for (const char byte : bytes.substr(0, 4096)) text.push_back(static_cast<uint8_t>(byte));
  CharacterMap::parse(model.character_map, "map").normalize(text);
}

}  // namespace unclip
