#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "image/png_text.h"
#include "pipeline/plan.h"

namespace unclip::cli {

/// Everything that is needed to make an image again. Verbs that begin with an embedding record the
/// embedding and the number of draws that its seed's generator had given, and no prior.
struct Recipe {
  std::string verb = "generate";
  at::Tensor image_embedding;           // (D) float32; not of generate
  at::Tensor negative_image_embedding;  // (D), likewise; usually undefined
  int64_t draws = 0;                    // likewise
  at::Tensor x_T;                       // where the decoder began; undefined: drawn
  std::string prompt;
  uint64_t seed = 0;
  int64_t width = 0, height = 0;
  int quality = 0;  // of a JPEG or WebP that loses information; 0: the file has all bits
  std::optional<double> clip_similarity;  // of image and prompt, if it was measured
  Plan plan;
  std::optional<std::string> negative_prompt;
  std::string scheduler;  // class of the decoder's scheduler config
  std::string dtype, device;
  std::string model_name, model_hash;
};

/// The recipe as the `parameters` chunk tells it: the prompt, the negative one, then one line of
/// `Key: value`, with commas between, in the form that AUTOMATIC1111's web UI writes and many
/// programs read.
std::string parameters_text(const Recipe& recipe);

/// The recipe as the `unclip` chunk tells it.
nlohmann::ordered_json recipe_json(const Recipe& recipe);

/// Both as texts of an image.
std::vector<PngText> metadata(const Recipe& recipe);

}  // namespace unclip::cli
