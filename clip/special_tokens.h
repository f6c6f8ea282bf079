#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "clip/added_tokens.h"
#include "clip/bpe.h"

namespace unclip {

class Config;

/// The tokens that a tokenizer's files name one by one, and those of them that have a role.
struct SpecialTokens {
  /// From tokenizer_config.json (`config`) with `added_tokens_decoder`; where it has none from
  /// special_tokens_map.json, added_tokens.json and tokenizer.json, which override it. A role that
  /// no file gives is CLIP's. A token that the vocabulary lacks is numbered on from its end. Throws
  /// Error that names the file and the key, also where a file states another id or the start, end
  /// or pad token is nowhere.
  static SpecialTokens read(const std::filesystem::path& dir, const Config& config,
                            const Config& tokenizer_json, const Bpe::Vocabulary& vocabulary);

  std::vector<AddedToken> added;
  int64_t start_id = 0;
  int64_t end_id = 0;
  int64_t pad_id = 0;
  std::optional<int64_t> unknown_id;  ///< nothing where the vocabulary lacks it
};

}  // namespace unclip
