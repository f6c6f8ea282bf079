#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clip/added_tokens.h"
#include "clip/bpe.h"
#include "clip/token_roles.h"

namespace unclip {

class Config;

/// The tokens that a tokenizer's files list individually, and the ids of those that have a role.
struct SpecialTokens {
  /// The tokens that a class of tokenizers has if no file assigns them.
  struct Defaults {
    std::map<std::string, std::string> roles;  ///< the contents
    std::vector<TokenSpec> extra;              ///< tokens without a role, from a model file
  };
  static Defaults clip_defaults();

  /// Reads them from tokenizer_config.json (`config`) and, if it has no `added_tokens_decoder`,
  /// also from special_tokens_map.json, added_tokens.json and tokenizer.json, whose roles override
  /// its own. What no file assigns is taken from the defaults. Tokens that the vocabulary lacks
  /// get the ids after its last. Throws Error that names the file and the key if a value is not
  /// valid, if a file states another id, or if the start, end or pad token is in no file.
  static SpecialTokens read(const std::filesystem::path& dir, const Config& config,
                            const Config& tokenizer_json, const Bpe::Vocabulary& vocabulary,
                            const Defaults& defaults);

  std::vector<AddedToken> added;
  int64_t start_id = 0;
  int64_t end_id = 0;
  int64_t pad_id = 0;
  std::optional<int64_t> unknown_id;  ///< nothing if the vocabulary lacks the token
};

}  // namespace unclip
