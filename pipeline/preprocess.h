#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

namespace unclip {

class Config;

/// feature_extractor/preprocessor_config.json, of a CLIPImageProcessor. Sizes are given as a number
/// or as an object, by old and new versions.
struct ImageProcessorConfig {
  int64_t shortest_edge = 224;                  // 'size'
  int64_t crop_height = 224, crop_width = 224;  // 'crop_size'
  double rescale_factor = 1.0 / 255;
  std::array<double, 3> image_mean = {0.48145466, 0.4578275, 0.40821073};
  std::array<double, 3> image_std = {0.26862954, 0.26130258, 0.27577711};

  static ImageProcessorConfig from(const Config& config);
};

/// A picture as CLIP's image tower wants it: its short side resized to shortest_edge and the long
/// one to int(shortest_edge long / short), bicubic and antialiased, to 8 bits; the middle cut out;
/// scaled, less the mean, by the standard deviation.
/// Radford et al. 2021, as published in https://github.com/openai/CLIP
/// picture uint8 (3, H, W) -> (3, crop_height, crop_width) float32
at::Tensor preprocess(const at::Tensor& picture, const ImageProcessorConfig& config);

}  // namespace unclip
