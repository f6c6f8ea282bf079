#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clip/added_tokens.h"
#include "clip/bpe.h"

namespace unclip {

struct TokenizerFiles;

/// Text -> token ids, the same as those of transformers' CLIPTokenizer. Radford et al. 2021,
/// section 2.4 (lower-cased byte-pair encoding), https://arxiv.org/abs/2103.00020. It is immutable,
/// so threads may share it.
class Tokenizer {
 public:
  struct Tokens {
    std::vector<int64_t> ids;   ///< start, the text's ids, end, then padding: `max_length` in total
    std::vector<int64_t> mask;  ///< 1 up to the end token, then 0
    std::string cut;            ///< the words that did not fit, in lower case; empty if all did
  };

  /// Loads a tokenizer's folder. Throws Error that names the file and the key or line.
  static Tokenizer load(const std::filesystem::path& dir);

  /// The text's first tokens, as many as fit. Throws Error if the text is not UTF-8 or max_length
  /// is below 2.
  Tokens encode(std::string_view utf8, int64_t max_length) const;

  /// All tokens of the text, without start, end and padding. Throws Error if it is not UTF-8.
  std::vector<int64_t> ids_of(std::string_view utf8) const;

  int64_t start_id() const { return start_id_; }
  int64_t end_id() const { return end_id_; }
  int64_t pad_id() const { return pad_id_; }
  /// Every id is below it.
  int64_t vocab_size() const { return vocab_size_; }
  /// The length at which longer texts are cut, if the files specify it.
  std::optional<int64_t> model_max_length() const { return model_max_length_; }

 private:
  struct Word {
    std::u32string text;
    bool after_space;
    std::vector<int64_t> ids;
  };

  explicit Tokenizer(const TokenizerFiles& files);
  std::vector<Word> words(std::string_view utf8) const;

  Bpe bpe_;
  AddedTokens raw_tokens_;         // found in the text as it is
  AddedTokens normalized_tokens_;  // found in normalized text
  int64_t start_id_, end_id_, pad_id_, vocab_size_;
  std::optional<int64_t> model_max_length_;
};

}  // namespace unclip
