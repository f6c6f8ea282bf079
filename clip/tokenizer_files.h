#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "clip/bpe.h"
#include "clip/special_tokens.h"

namespace unclip {

/// The content of a tokenizer's folder: tokenizer.json, or vocab.json and merges.txt; and
/// tokenizer_config.json, special_tokens_map.json and added_tokens.json if they exist. If files
/// disagree, the one that transformers 5.23 prefers counts.
struct TokenizerFiles {
  /// Reads the folder. Throws Error that names the file and the key or line.
  static TokenizerFiles read(const std::filesystem::path& dir);

  Bpe::Vocabulary vocabulary;  ///< ids 0, 1, ...; added tokens need not be in it
  std::vector<Merge> merges;   ///< their parts and results are in the vocabulary
  SpecialTokens special;
  /// The longest sequence of tokens; nothing if it is absent, or so large that it means no limit.
  std::optional<int64_t> model_max_length;
};

}  // namespace unclip
