#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace unclip {

/// unclip.json: how a model wants to be used. The file is optional, and so is each key; the
/// defaults are Karlo's.
struct ModelDefaults {
  std::string name;  // the folder's own, where the file does not tell
  int64_t prior_steps = 25;
  int64_t decoder_steps = 25;
  int64_t super_res_steps = 7;
  double prior_guidance = 4.0;
  double decoder_guidance = 8.0;
  double mix_guidance = 8.0;  // the decoder's between pictures; where absent, decoder_guidance
  std::vector<std::string> known_words;  // empty: the model takes any

  /// Throws Error where the file has another key, steps below 1 or guidance that is negative.
  static ModelDefaults read(const std::filesystem::path& model_dir);
};

}  // namespace unclip
