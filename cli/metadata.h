#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "image/png_text.h"
#include "scheduler/guidance.h"

namespace unclip::cli {

/// All that is needed to paint a picture again. Verbs that begin with an embedding know no prior,
/// but the embedding itself, and how many draws its seed's generator had given.
struct Recipe {
  std::string verb = "generate";
  at::Tensor image_embedding;  // (D) float32; not of generate
  int64_t draws = 0;           // likewise
  at::Tensor x_T;              // where the decoder's walk began; undefined: drawn
  std::string prompt;
  uint64_t seed = 0;
  int64_t width = 0, height = 0;
  int quality = 0;  // of a JPEG or WebP that loses something; 0: the file has all bits
  std::optional<double> clip_similarity;  // of picture and prompt, where it was measured
  WalkOptions prior_walk, decoder_walk, super_res_walk;  // the sampler empty: the model's own
  Guidance prior_guidance, decoder_guidance;
  std::string negative_prompt;  // mostly empty
  std::string scheduler;        // the model's own, of all stages
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
