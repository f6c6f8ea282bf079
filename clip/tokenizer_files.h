#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "clip/bpe.h"
#include "clip/special_tokens.h"

namespace unclip {

/// The content of a tokenizer's folder: tokenizer.json or vocab.json and merges.txt, and those of
/// tokenizer_config.json, special_tokens_map.json and added_tokens.json that exist. If they
/// disagree, the file that transformers 5.23 prefers counts.
struct TokenizerFiles {
  /// Throws Error that names the file and the key or line.
  static TokenizerFiles read(const std::filesystem::path& dir);

  Bpe::Vocabulary vocabulary;  ///< ids 0, 1, ..., without the added tokens that it lacks
  std::vector<Merge> merges;   ///< whose parts and joins the vocabulary has
  SpecialTokens special;
  /// Nothing if it is absent or so large that it means no limit.
  std::optional<int64_t> model_max_length;
};

}  // namespace unclip
