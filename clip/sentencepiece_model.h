#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "clip/unigram.h"

namespace unclip {

/// What a piece of a SentencePiece model is; the numbers are those of its format.
enum class PieceKind { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5 };

/// A SentencePiece model of the unigram kind. Kudo & Richardson 2018,
/// https://arxiv.org/abs/1808.06226
struct SentencePieceModel {
  std::vector<UnigramPiece> pieces;
  std::vector<PieceKind> kinds;  ///< one for each piece
  std::string character_map;  ///< for CharacterMap::parse, which accepts it; empty if there is none
};

/// What the checker of a model file returns.
struct SentencePieceSummary {
  std::vector<PieceKind> kinds;  ///< one for each piece
  std::string_view character_map;
  /// The model without the samples of its self-test, which libsentencepiece would run as it loads.
  std::string without_samples;
};

/// Checks a model's bytes before libsentencepiece sees them, which trusts them: its fields, pieces,
/// ids and character maps. The result points into the bytes. Throws Error that names the file as
/// `name`, the place, what was expected and what was found.
SentencePieceSummary check_sentencepiece_model(std::string_view bytes, const std::string& name);

/// Checks a model's bytes and reads them with libsentencepiece. Throws Error as the checker does.
SentencePieceModel parse_sentencepiece_model(std::string_view bytes, const std::string& name);

/// The same for a file. Throws Error if it cannot be read or is larger than 64 MiB.
SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path);

}  // namespace unclip
