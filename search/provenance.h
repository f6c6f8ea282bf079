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

/// How an image was made, as its metadata says. Texts are UTF-8 of at most kMostText bytes; an
/// empty text is unknown.
struct Provenance {
  std::string prompt;
  std::optional<uint64_t> seed;
  std::string model;

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

constexpr size_t kMostText = 16'384;

/// The names of a Provenance's keys.
const std::vector<std::string>& provenance_keys();
/// The value of a key as text; empty if it is unknown.
std::string provenance_text(const Provenance& provenance, const std::string& key);

/// Parses the text `unclip` that unclip writes into an image: a JSON object with `prompt`, `seed`
/// and the `name` of `model`. Values that are missing or of another type are unknown. Never throws
/// Error.
Provenance parse_recipe_text(std::string_view text);
/// Parses the text `parameters` that AUTOMATIC1111's web UI and many other programs write: the
/// prompt, an optional line that begins with "Negative prompt:", and a last line of "Key: value"
/// pairs separated by commas. Never throws Error.
Provenance parse_parameters_text(std::string_view text);

/// Reads the provenance from these texts of a PNG, JPEG or WebP; the text `unclip` takes
/// precedence. Everything is unknown for other files and for damaged ones.
Provenance read_provenance(const std::filesystem::path& file);

/// The rows as JSON in a tensor of bytes (uint8), for an index.
at::Tensor provenance_tensor(const std::vector<Provenance>& rows);
/// Reads the tensor `provenance` of a file with `rows` rows. Throws Error if it does not hold
/// `rows` objects.
std::vector<Provenance> provenance_in(const Checkpoint& file, int64_t rows);

}  // namespace unclip
