#include "clip/sentencepiece_model.h"

#include <sentencepiece_processor.h>

#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file_bytes.h"
#include "clip/json_files.h"

namespace unclip {

SentencePieceModel parse_sentencepiece_model(std::string_view bytes, const std::string& name) {
  auto summary = check_sentencepiece_model(bytes, name);
  sentencepiece::SentencePieceProcessor library;
  const auto status = library.LoadFromSerializedProto(summary.without_samples);
  if (!status.ok()) fail(name, ": libsentencepiece: ", shown(status.ToString()));
  if (std::cmp_not_equal(library.GetPieceSize(), summary.kinds.size())) {
    fail(name, ": expected ", summary.kinds.size(), " pieces, got ", library.GetPieceSize(),
         " from libsentencepiece");
  }
  SentencePieceModel model;
  for (int i = 0; i < library.GetPieceSize(); ++i) {
    model.pieces.push_back({library.IdToPiece(i), library.GetScore(i)});
  }
  model.kinds = std::move(summary.kinds);
  model.character_map = summary.character_map;
  return model;
}

SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path) {
  constexpr uintmax_t kMostBytes = uintmax_t{64} << 20;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > kMostBytes) {
    fail(path, ": expected at most ", kMostBytes, " bytes, got ", size);
  }
  return parse_sentencepiece_model(file_bytes(path), path.string());
}

}  // namespace unclip
