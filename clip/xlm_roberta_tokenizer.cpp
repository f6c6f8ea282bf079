#include "clip/xlm_roberta_tokenizer.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "clip/unicode.h"
#include "clip/xlm_roberta_files.h"

namespace unclip {
namespace {

constexpr char32_t kWordStart = 0x2581;  // SentencePiece's sign for the space before a word

// The tokens of one kind, in the form in which they appear in the text that is searched.
std::vector<AddedToken> tokens_of_kind(const XlmRobertaFiles& files, bool normalized) {
  std::vector<AddedToken> selected;
  for (auto token : files.special.added) {
    if (token.normalized != normalized) continue;
    if (normalized) {
      if (const auto content = from_utf8(token.content)) {
        token.content = to_utf8(files.character_map.normalize(*content));
      }
    }
    selected.push_back(std::move(token));
  }
  return selected;
}

}  // namespace

XlmRobertaTokenizer::XlmRobertaTokenizer(XlmRobertaFiles files)
    : unigram_(std::move(files.pieces), *files.special.unknown_id, files.pieces_name),
      raw_tokens_(tokens_of_kind(files, false)),
      normalized_tokens_(tokens_of_kind(files, true)),
      start_id_(files.special.start_id),
      end_id_(files.special.end_id),
      pad_id_(files.special.pad_id),
      vocab_size_(static_cast<int64_t>(unigram_.size())),
      model_max_length_(files.model_max_length) {
  for (const auto& token : files.special.added) vocab_size_ = std::max(vocab_size_, token.id + 1);
  character_map_ = std::move(files.character_map);
}

XlmRobertaTokenizer XlmRobertaTokenizer::load(const std::filesystem::path& dir) {
  auto files = XlmRobertaFiles::read(dir);
  try {
    return XlmRobertaTokenizer(std::move(files));
  } catch (const Error& e) {
    const std::string message = e.what();
    if (message.starts_with(dir.string())) throw;
    fail(dir, ": ", message);
  }
}

// Splits at white space, which goes, and before each further sign of a word's start.
void XlmRobertaTokenizer::add_words(std::u32string_view text, std::vector<Word>& words) const {
  while (!text.empty()) {
    const auto size =
        static_cast<size_t>(std::find_if(text.begin(), text.end(), is_space) - text.begin());
    std::u32string word(text.substr(0, size));
    text.remove_prefix(std::min(text.size(), size + 1));
    if (word.empty()) continue;
    if (word.front() != kWordStart) word.insert(word.begin(), kWordStart);
    for (size_t begin = 0; begin < word.size();) {
      const auto end = std::min(word.find(kWordStart, begin + 1), word.size());
      const auto part = to_utf8(std::u32string_view(word).substr(begin, end - begin));
      words.push_back({part, unigram_.encode(part)});
      begin = end;
    }
  }
}

std::vector<XlmRobertaTokenizer::Word> XlmRobertaTokenizer::words(std::string_view utf8) const {
  const auto prompt = from_utf8(utf8);
  if (!prompt) fail("the prompt is not UTF-8");
  std::vector<Word> words;
  for (const auto& piece : raw_tokens_.split(*prompt)) {
    if (piece.id) {
      words.push_back({to_utf8(piece.text), {*piece.id}});
      continue;
    }
    const auto normalized = character_map_.normalize(piece.text);
    for (const auto& part : normalized_tokens_.split(normalized)) {
      if (part.id) {
        words.push_back({to_utf8(part.text), {*part.id}});
      } else {
        add_words(part.text, words);
      }
    }
  }
  return words;
}

std::vector<int64_t> XlmRobertaTokenizer::ids_of(std::string_view utf8) const {
  std::vector<int64_t> ids;
  for (const auto& word : words(utf8)) ids.insert(ids.end(), word.ids.begin(), word.ids.end());
  return ids;
}

XlmRobertaTokenizer::Tokens XlmRobertaTokenizer::encode(std::string_view utf8,
                                                        int64_t max_length) const {
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
    if (word.ids.size() > room) cut += from_utf8(word.text).value();
  }
  std::replace(cut.begin(), cut.end(), kWordStart, U' ');
  tokens.ids.push_back(end_id_);
  tokens.mask.assign(tokens.ids.size(), 1);
  tokens.ids.resize(length, pad_id_);
  tokens.mask.resize(length, 0);
  tokens.cut = to_utf8(std::u32string_view(cut).substr(cut.starts_with(U' ') ? 1 : 0));
  return tokens;
}

}  // namespace unclip
