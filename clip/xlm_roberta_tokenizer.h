#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clip/added_tokens.h"
#include "clip/character_map.h"
#include "clip/unigram.h"

namespace unclip {

struct XlmRobertaFiles;

/// Text -> token ids, the same as those of transformers' XLMRobertaTokenizer: the tokenizer of
/// Kandinsky 2.1's multilingual text encoder. Conneau et al. 2020, section 3,
/// https://arxiv.org/abs/1911.02116 (SentencePiece's unigram model). Upper and lower case are
/// kept. It is immutable, so threads may share it.
class XlmRobertaTokenizer {
 public:
  struct Tokens {
    std::vector<int64_t> ids;   ///< start, the text's ids, end, then padding: `max_length` in total
    std::vector<int64_t> mask;  ///< 1 up to the end token, then 0
    std::string cut;            ///< the words that did not fit; empty if all did
  };

  /// Loads a tokenizer's folder. Throws Error that names the file and the place.
  static XlmRobertaTokenizer load(const std::filesystem::path& dir);

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
    std::string text;
    std::vector<int64_t> ids;
  };

  explicit XlmRobertaTokenizer(XlmRobertaFiles files);
  std::vector<Word> words(std::string_view utf8) const;
  void add_words(std::u32string_view text, std::vector<Word>& words) const;

  Unigram unigram_;
  CharacterMap character_map_;
  AddedTokens raw_tokens_;         // found in the text as it is
  AddedTokens normalized_tokens_;  // found in normalized text
  int64_t start_id_, end_id_, pad_id_, vocab_size_;
  std::optional<int64_t> model_max_length_;
};

}  // namespace unclip
