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
  /// From tokenizer_config.json (`config`); if it has no `added_tokens_decoder`, also from
  /// special_tokens_map.json, added_tokens.json and tokenizer.json, whose roles override it.
  /// A role that no file gives is CLIP's. Tokens that the vocabulary lacks are numbered on from its
  /// end. Throws Error that names the file and the key, also if a file states another id or the
  /// start, end or pad token is in no file.
  static SpecialTokens read(const std::filesystem::path& dir, const Config& config,
                            const Config& tokenizer_json, const Bpe::Vocabulary& vocabulary);

  std::vector<AddedToken> added;
  int64_t start_id = 0;
  int64_t end_id = 0;
  int64_t pad_id = 0;
  std::optional<int64_t> unknown_id;  ///< nothing if the vocabulary lacks it
};

}  // namespace unclip
