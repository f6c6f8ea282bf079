#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/write_file.h"
#include "embedding/start_noise.h"

namespace unclip {

class Checkpoint;

/// What an embedding came from, as far as that is known.
struct Origin {
  std::string path;  // of a picture; empty: none
  std::optional<std::string> prompt;
  std::optional<uint64_t> seed;  // below 2^63
  int64_t draws = 0;             // of D numbers each, that the seed's generator has given

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// N rows of embeddings in the space that pictures and texts share.
struct Embeddings {
  at::Tensor image_embedding, text_embedding;  // (N, D) float32 on the CPU; one may be undefined
  /// (N, D) of the negative prompt, for a decoder that is guided by one; usually undefined.
  at::Tensor negative_image_embedding = at::Tensor();
  std::vector<Origin> origins;         // N
  StartNoise start;                    // N rows, or undefined
  std::string model_name, model_hash;  // that made them (see model_hash()); empty: unknown
  std::string text_encoder_hash, image_encoder_hash;  // weights_hash() of CLIP's towers, likewise
  std::string version;                                // of the program; empty: unknown

  int64_t rows() const { return static_cast<int64_t>(origins.size()); }
  /// D
  int64_t width() const;
  /// Some of the rows, in the order of `indices`.
  Embeddings select(const std::vector<int64_t>& indices) const;
  /// Each row `count` times, one after the other.
  Embeddings repeated(int64_t count) const;
};

/// Do both come from one CLIP? The towers that both know decide; where there is none, the model.
bool same_space(const Embeddings& a, const Embeddings& b);

/// An embedding file is one of these, told apart by their first bytes:
/// - safetensors with `image_embedding` and/or `text_embedding` (N, D), of any floating-point type,
///   and perhaps `negative_image_embedding`; other tensors are not read. Its metadata holds
///   `model_name`, `model_hash`, `text_encoder_hash`, `image_encoder_hash`, `version`, and in
///   `rows` a JSON array of N objects with `path`, `prompt`, `seed` and `draws`, all optional; what
///   start_noise_of() reads may lie beside.
/// - NumPy's .npy, (D) or (N, D), float16, float32 or float64: `image_embedding` without origins.
/// Throws Error where the file is neither, is not whole, has no row or no column, or holds a row
/// that is zero everywhere or has a number that is not finite.
Embeddings read_embeddings(const std::filesystem::path& path);
/// The same of a file's bytes. `name` stands for it in messages.
Embeddings parse_embeddings(std::string_view bytes, const std::string& name);

/// The same of a safetensors file that has been opened.
Embeddings embeddings_in(const Checkpoint& file);

/// The bytes of the safetensors file, with `tensors` and `metadata` of other names added. Throws
/// Error for rows that would not be read again: with a number that is not finite, or all zero.
/// Throws Error if the bytes are an image's, which says what takes it.
void expect_no_image(std::string_view bytes, const std::string& name);

/// The bytes of the safetensors file, in which `tensors` and `metadata` of other names lie beside.
std::string embedding_bytes(const Embeddings& embeddings,
                            std::map<std::string, at::Tensor> tensors = {},
                            std::map<std::string, std::string> metadata = {});
/// Writes a .npy if the name ends so, which holds one of both tensors (else Error) and no origins;
/// else safetensors. Throws Error as embedding_bytes does. Returns the name that the file got.
std::filesystem::path write_embeddings(const std::filesystem::path& path,
                                       const Embeddings& embeddings, WriteMode mode);

}  // namespace unclip
