#include "clip/unigram.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "clip/json_files.h"

namespace unclip {
namespace {

constexpr size_t kLongestPiece = 1024;

size_t character_size(char first) {
  const auto byte = static_cast<uint8_t>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

void check_piece(const UnigramPiece& piece, const std::string& where) {
  const auto& text = piece.text;
  if (text.empty() || text.size() > kLongestPiece) {
    fail(where, ": expected a text of 1 to ", kLongestPiece, " bytes, got ", text.size());
  }
  if (!is_utf8(text)) fail(where, ": expected UTF-8, got ", shown(text));
  if (text.find('\0') != std::string::npos) {
    fail(where, ": expected no zero byte, got ", shown(text));
  }
  if (!std::isfinite(piece.score)) {
    fail(where, ": ", shown(text), ": expected a finite score, got ", piece.score);
  }
}

Unigram::Unigram(std::vector<UnigramPiece> pieces, int64_t unknown, const std::string& where)
    : pieces_(std::move(pieces)), sorted_(pieces_.size()), unknown_(unknown) {
  // Kudo & Richardson 2018, the published code: an unknown character is that much less probable
  // than the rarest piece.
  constexpr double kUnknownPenalty = 10;
  double lowest = INFINITY;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    check_piece(pieces_[i], where + ": piece " + std::to_string(i));
    lowest = std::min(lowest, pieces_[i].score);
  }
  unknown_score_ = lowest - kUnknownPenalty;
  std::iota(sorted_.begin(), sorted_.end(), 0U);
  std::sort(sorted_.begin(), sorted_.end(),
            [&](uint32_t a, uint32_t b) { return pieces_[a].text < pieces_[b].text; });
  for (size_t i = 1; i < sorted_.size(); ++i) {
    const auto [first, second] = std::minmax(sorted_[i - 1], sorted_[i]);
    if (pieces_[first].text == pieces_[second].text) {
      fail(where, ": piece ", second, ": expected a text of its own, got ",
           shown(pieces_[first].text), ", that of piece ", first);
    }
  }
}

// The pieces that begin with the bytes read so far: a range of sorted_.
struct Unigram::Candidates {
  explicit Candidates(const Unigram& model)
      : pieces(model.pieces_), first(model.sorted_.begin()), last(model.sorted_.end()) {}

  void read(char byte) {
    const auto at = [this](uint32_t id) {
      const auto& text = pieces[id].text;
      return size < text.size() ? int{static_cast<uint8_t>(text[size])} : -1;
    };
    const int wanted = static_cast<uint8_t>(byte);
    first = std::partition_point(first, last, [&](uint32_t id) { return at(id) < wanted; });
    last = std::partition_point(first, last, [&](uint32_t id) { return at(id) == wanted; });
    ++size;
  }
  bool are_none() const { return first == last; }
  // The shortest comes first.
  bool has_whole_piece() const { return pieces[*first].text.size() == size; }

  const std::vector<UnigramPiece>& pieces;
  std::vector<uint32_t>::const_iterator first, last;
  size_t size = 0;
};

// Tries each piece that begins at `begin`.
void Unigram::extend(std::string_view word, size_t begin, std::vector<Step>& best) const {
  const auto try_step = [&](size_t end, int64_t id, double score) {
    const auto sum = best[begin].sum + score;
    auto& step = best[end];
    if (!step.is_reached || sum > step.sum) step = {id, sum, begin, true};
  };
  const auto character = character_size(word[begin]);
  bool is_known = false;
  Candidates candidates(*this);
  for (auto end = begin; end < word.size();) {
    candidates.read(word[end++]);
    if (candidates.are_none()) break;
    if (!candidates.has_whole_piece()) continue;
    const auto id = *candidates.first;
    try_step(end, id, pieces_[id].score);
    is_known |= end - begin == character;
  }
  if (!is_known) try_step(begin + character, unknown_, unknown_score_);
}

int64_t Unigram::id_of(std::string_view text) const {
  Candidates candidates(*this);
  for (const char byte : text) {
    candidates.read(byte);
    if (candidates.are_none()) return unknown_;
  }
  return candidates.has_whole_piece() ? *candidates.first : unknown_;
}

std::vector<int64_t> Unigram::encode(std::string_view word) const {
  // best[i]: the step that ends the best path to byte i.
  std::vector<Step> best(word.size() + 1);
  for (size_t i = 0; i < word.size(); i += character_size(word[i])) extend(word, i, best);

  std::vector<int64_t> ids;
  for (auto end = word.size(); end > 0;) {
    auto begin = best[end].begin;
    if (best[end].id != unknown_) {
      ids.push_back(best[end].id);
    } else {
      while (begin > 0 && best[begin].id == unknown_) begin = best[begin].begin;
      ids.push_back(id_of(word.substr(begin, end - begin)));
    }
    end = begin;
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

}  // namespace unclip
