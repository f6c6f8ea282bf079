#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clip/character_map.h"
#include "clip/special_tokens.h"
#include "clip/unigram.h"

namespace unclip {

/// The content of the folder of an XLM-RoBERTa tokenizer: tokenizer.json, or
/// sentencepiece.bpe.model; and tokenizer_config.json, special_tokens_map.json and
/// added_tokens.json if they exist. If files disagree, the one that transformers 5.23 prefers
/// counts.
struct XlmRobertaFiles {
  /// Reads the folder. Throws Error that names the file and the place.
  static XlmRobertaFiles read(const std::filesystem::path& dir);

  /// `<s>`, `<pad>`, `</s>`, `<unk>`, the pieces of words, and `<mask>`: an id is a place.
  std::vector<UnigramPiece> pieces;
  std::string pieces_name;  ///< the file that the pieces come from, as messages call it
  CharacterMap character_map;
  SpecialTokens special;
  /// The longest sequence of tokens; nothing if it is absent, or so large that it means no limit.
  std::optional<int64_t> model_max_length;
};

}  // namespace unclip
