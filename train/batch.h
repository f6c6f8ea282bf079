#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "clip/tokenizer.h"
#include "world/caption.h"
#include "world/render.h"

namespace unclip::train {

/// A claim, a scene for which it is true, and a caption that states it.
struct Example {
  world::Claim claim;
  world::Scene scene;
  std::string caption;
};

Example random_example(const world::Claim& claim, world::Random& random);
/// `count` examples of random claims, none held out.
std::vector<Example> random_examples(int64_t count, world::Random& random);

/// Scenes -> (B, 3, size, size) in [0, 1]
at::Tensor render_batch(const std::vector<Example>& examples, int64_t size);

/// The claim that states everything that a scene shows.
world::Claim claim_of(const world::Scene& scene);

/// Texts as token ids and masks, (B, T) each, T being `length`.
struct TokenBatch {
  at::Tensor ids, mask;
};
TokenBatch tokenize(const Tokenizer& tokenizer, const std::vector<std::string>& texts,
                    int64_t length);
std::vector<std::string> captions(const std::vector<Example>& examples);

/// Images in [0, 1] -> the input of CLIP's image encoder: (x - mean) / std per channel, with
/// Radford et al.'s constants, which every CLIP's preprocessor_config.json has.
at::Tensor normalise_pixels(const at::Tensor& pictures);

}  // namespace unclip::train
