#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "clip/bpe.h"
#include "clip/special_tokens.h"

namespace unclip {

/// What the files of a tokenizer's folder say: tokenizer.json or vocab.json and merges.txt, and, as
/// far as they are there, tokenizer_config.json, special_tokens_map.json and added_tokens.json.
/// Where they disagree, what transformers 5.23 believes.
struct TokenizerFiles {
  /// Throws Error that names the file and the key or line.
  static TokenizerFiles read(const std::filesystem::path& dir);

  Bpe::Vocabulary vocabulary;  ///< ids 0, 1, ..., without the added tokens that it lacks
  std::vector<Merge> merges;   ///< whose parts and joins the vocabulary has
  SpecialTokens special;
  /// Nothing where it is absent or too large to mean anything.
  std::optional<int64_t> model_max_length;
};

}  // namespace unclip
