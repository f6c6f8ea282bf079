#include "clip/added_tokens.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "clip/unicode.h"

namespace unclip {
namespace {

bool stands_alone(std::u32string_view text, size_t begin, size_t end) {
  return (begin == 0 || !is_word(text[begin - 1])) && (end == text.size() || !is_word(text[end]));
}

}  // namespace

AddedTokens::AddedTokens(const std::vector<AddedToken>& tokens) {
  std::unordered_set<std::string> seen;
  for (const auto& token : tokens) {
    if (!seen.insert(token.content).second) {
      fail("two added tokens are both found as \"", token.content, "\"");
    }
    auto content = from_utf8(token.content);
    if (!content) fail("the added token with the id ", token.id, " is not UTF-8");
    if (content->empty()) continue;
    by_first_[content->front()].push_back({std::move(*content), token});
  }
  for (auto& [first, patterns] : by_first_) {
    std::sort(patterns.begin(), patterns.end(), [](const Pattern& a, const Pattern& b) {
      return a.content.size() > b.content.size();
    });
  }
}

const AddedTokens::Pattern* AddedTokens::match(std::u32string_view text) const {
  const auto it = by_first_.find(text.front());
  if (it == by_first_.end()) return nullptr;
  for (const auto& pattern : it->second) {
    if (text.starts_with(pattern.content)) return &pattern;
  }
  return nullptr;
}

std::vector<AddedTokens::Piece> AddedTokens::split(std::u32string_view text) const {
  std::vector<Piece> pieces;
  size_t rest = 0;  // begin of the text that is in no piece yet
  for (size_t i = 0; i < text.size();) {
    const auto* pattern = match(text.substr(i));
    if (!pattern) {
      ++i;
      continue;
    }
    const auto& token = pattern->token;
    size_t begin = i;
    size_t end = i + pattern->content.size();
    i = end;
    if (token.single_word && !stands_alone(text, begin, end)) continue;
    if (token.lstrip) {
      while (begin > rest && is_space(text[begin - 1])) --begin;
    }
    if (token.rstrip) {
      while (end < text.size() && is_space(text[end])) ++end;
    }
    if (rest < begin) pieces.push_back({text.substr(rest, begin - rest), std::nullopt});
    pieces.push_back({text.substr(begin, end - begin), token.id});
    rest = end;
  }
  if (rest < text.size()) pieces.push_back({text.substr(rest), std::nullopt});
  return pieces;
}

}  // namespace unclip
