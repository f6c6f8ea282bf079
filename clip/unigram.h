#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// A part of words, in UTF-8, and the logarithm of its probability.
struct UnigramPiece {
  std::string text;
  double score = 0;
};

/// A unigram language model over pieces of words: a word is cut into the pieces whose scores have
/// the largest sum. Kudo 2018, section 3.2, https://arxiv.org/abs/1804.10959. It is immutable, so
/// threads may share it.
class Unigram {
 public:
  /// A piece's id is its place. `unknown` is the id of characters that no piece covers. Throws
  /// Error if two pieces are the same, if one is empty, longer than 1024 bytes, not UTF-8 or has a
  /// zero byte, or if a score is not finite; the message begins with `where`.
  Unigram(std::vector<UnigramPiece> pieces, int64_t unknown, const std::string& where);

  /// The ids of a word in UTF-8. Unknown characters that follow each other are one id. Of equal
  /// sums the one whose last piece begins first counts, as in the library tokenizers.
  std::vector<int64_t> encode(std::string_view word) const;

  size_t size() const { return pieces_.size(); }

 private:
  struct Step {
    int64_t id = 0;
    double sum = 0;
    size_t begin = 0;
    bool is_reached = false;
  };
  struct Candidates;
  void extend(std::string_view word, size_t begin, std::vector<Step>& best) const;
  int64_t id_of(std::string_view text) const;

  std::vector<UnigramPiece> pieces_;
  std::vector<uint32_t> sorted_;  // ids in the order of the pieces' bytes
  int64_t unknown_;
  double unknown_score_;
};

/// Throws Error that begins with `where` unless a model may have the piece.
void check_piece(const UnigramPiece& piece, const std::string& where);

}  // namespace unclip
