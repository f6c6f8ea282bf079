#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/write_file.h"
#include "image/picture_file.h"

namespace unclip {

struct GifOptions {
  double seconds = 0.25;  ///< of each frame; a GIF counts in hundredths
};
/// Browsers slow down what is faster than the first.
constexpr double kLeastGifSeconds = 0.02, kMostGifSeconds = 655.35;

/// How large an animation may be: a GIF's longest side, pixels of all frames.
constexpr PictureLimits kGifLimits = {.side = 65535, .pixels = int64_t{1} << 26};

/// frames (3, H, W), in [0, 1] or uint8, all of one size -> the bytes of a GIF89a that plays them
/// over and over. Each frame has 256 colours of its own, without dithering.
std::string encode_gif(const std::vector<at::Tensor>& frames, const GifOptions& options = {});

/// Writes `encode_gif` as `write_file` does. Returns the name that the file got.
std::filesystem::path write_gif(const std::filesystem::path& path,
                                const std::vector<at::Tensor>& frames, const GifOptions& options,
                                WriteMode mode);

}  // namespace unclip
