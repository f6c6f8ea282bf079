#include "clip/tokenizer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "clip/tokenizer_files.h"
#include "clip/unicode.h"

namespace unclip {
namespace {

// Replaces each run of white space with one space. The text is composed first and then lower-cased,
// not the reverse.
std::u32string normalize(std::u32string_view text) {
  std::u32string spaced;
  for (const auto c : nfc(text)) {
    if (!is_space(c)) {
      spaced.push_back(c);
    } else if (spaced.empty() || spaced.back() != U' ') {
      spaced.push_back(U' ');
    }
  }
  return to_lower(spaced);
}

// The tokens of one kind, in the form in which they appear in the text that is searched.
std::vector<AddedToken> select(const std::vector<AddedToken>& tokens, bool normalized) {
  std::vector<AddedToken> selected;
  for (auto token : tokens) {
    if (token.normalized != normalized) continue;
    if (normalized) {
      if (const auto content = from_utf8(token.content)) {
        token.content = to_utf8(normalize(*content));
      }
    }
    selected.push_back(std::move(token));
  }
  return selected;
}

bool is_other(char32_t c) { return !is_space(c) && !is_letter(c) && !is_number(c); }

template <class Predicate>
size_t length_while(std::u32string_view text, Predicate fits) {
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), fits) - text.begin());
}

// The lengths of the words at the start of the text, which does not begin with a space.
//   <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+
// Radford et al. 2021, its published tokenizer. The first two are matched only if they are not
// added tokens, and are then split again by a byte-level rule that has no such exception.
std::vector<size_t> first_words(std::u32string_view text) {
  constexpr std::array<std::u32string_view, 2> kSpecial = {U"<|startoftext|>", U"<|endoftext|>"};
  constexpr std::array<std::u32string_view, 7> kEndings = {U"'s", U"'t",  U"'re", U"'ve",
                                                           U"'m", U"'ll", U"'d"};
  for (const auto special : kSpecial) {
    if (text.starts_with(special)) return {2, special.size() - 4, 2};
  }
  for (const auto ending : kEndings) {
    if (text.starts_with(ending)) return {ending.size()};
  }
  if (is_number(text.front())) return {1};
  if (is_letter(text.front())) return {length_while(text, is_letter)};
  return {length_while(text, is_other)};
}

}  // namespace

Tokenizer::Tokenizer(const TokenizerFiles& files)
    : bpe_(files.vocabulary, files.merges, files.special.unknown_id),
      raw_tokens_(select(files.special.added, false)),
      normalized_tokens_(select(files.special.added, true)),
      start_id_(files.special.start_id),
      end_id_(files.special.end_id),
      pad_id_(files.special.pad_id),
      vocab_size_(static_cast<int64_t>(files.vocabulary.size())),
      model_max_length_(files.model_max_length) {
  for (const auto& token : files.special.added) vocab_size_ = std::max(vocab_size_, token.id + 1);
}

Tokenizer Tokenizer::load(const std::filesystem::path& dir) {
  const auto files = TokenizerFiles::read(dir);
  try {
    return Tokenizer(files);
  } catch (const Error& e) {
    fail(dir, ": ", e.what());
  }
}

std::vector<Tokenizer::Word> Tokenizer::words(std::string_view utf8) const {
  const auto prompt = from_utf8(utf8);
  if (!prompt) fail("the prompt is not UTF-8");

  std::vector<Word> words;
  bool after_space = false;
  const auto add = [&](std::u32string_view text, std::vector<int64_t> ids) {
    words.push_back({std::u32string(text), std::exchange(after_space, false), std::move(ids)});
  };
  const auto add_words = [&](std::u32string_view text) {
    while (!text.empty()) {
      if (is_space(text.front())) {
        after_space = true;
        text.remove_prefix(1);
        continue;
      }
      for (const auto length : first_words(text)) {
        const auto word = text.substr(0, length);
        add(word, bpe_.encode(to_utf8(word)));
        text.remove_prefix(length);
      }
    }
  };

  for (const auto& piece : raw_tokens_.split(*prompt)) {
    if (piece.id) {
      add(piece.text, {*piece.id});
      continue;
    }
    const auto normalized = normalize(piece.text);
    for (const auto& part : normalized_tokens_.split(normalized)) {
      if (part.id) {
        add(part.text, {*part.id});
      } else {
        add_words(part.text);
      }
    }
  }
  return words;
}

std::vector<int64_t> Tokenizer::ids_of(std::string_view utf8) const {
  std::vector<int64_t> ids;
  for (const auto& word : words(utf8)) ids.insert(ids.end(), word.ids.begin(), word.ids.end());
  return ids;
}

Tokenizer::Tokens Tokenizer::encode(std::string_view utf8, int64_t max_length) const {
  if (max_length < 2) {
    fail("a text encoder of ", max_length, " positions has no room for the start and end tokens");
  }
  const auto length = static_cast<size_t>(max_length);

  Tokens tokens;
  tokens.ids = {start_id_};
  std::u32string cut;
  for (const auto& word : words(utf8)) {
    const auto room = length - 1 - tokens.ids.size();
    const auto fitting = static_cast<std::ptrdiff_t>(std::min(room, word.ids.size()));
    tokens.ids.insert(tokens.ids.end(), word.ids.begin(), word.ids.begin() + fitting);
    if (word.ids.size() > room) {
      if (!cut.empty() && word.after_space) cut += U' ';
      cut += word.text;
    }
  }
  tokens.ids.push_back(end_id_);
  tokens.mask.assign(tokens.ids.size(), 1);
  tokens.ids.resize(length, pad_id_);
  tokens.mask.resize(length, 0);
  tokens.cut = to_utf8(cut);
  return tokens;
}

}  // namespace unclip
