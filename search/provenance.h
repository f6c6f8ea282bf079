#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

class Checkpoint;

/// What an image's metadata says about how it was made. Texts are UTF-8 of at most kMostText bytes;
/// an empty one is unknown.
struct Provenance {
  std::string prompt;
  std::optional<uint64_t> seed;
  std::string model;

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

constexpr size_t kMostText = 16'384;

/// The keys of a Provenance.
const std::vector<std::string>& provenance_keys();
/// The text of a key's value; empty if it is unknown.
std::string provenance_text(const Provenance& provenance, const std::string& key);

/// Reads what unclip writes into the text `unclip` of an image, a JSON object with `prompt`, `seed`
/// and the `name` of `model`. What is missing or of another type is unknown. Never throws Error.
Provenance parse_recipe_text(std::string_view text);
/// Reads what AUTOMATIC1111's web UI and many other programs write into the text `parameters`: the
/// prompt, perhaps a line that begins with "Negative prompt:", and a last line of "Key: value"
/// pairs with commas between them. Never throws Error.
Provenance parse_parameters_text(std::string_view text);

/// Reads these from a PNG, JPEG or WebP; the text `unclip` comes first. Unknown for other files,
/// and for damaged ones.
Provenance read_provenance(const std::filesystem::path& file);

/// N rows as bytes (uint8) of JSON, for an index.
at::Tensor provenance_tensor(const std::vector<Provenance>& rows);
/// Reads the tensor `provenance` of a file with `rows` rows. Throws Error if it is not N objects.
std::vector<Provenance> provenance_in(const Checkpoint& file, int64_t rows);

}  // namespace unclip
