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
  double seconds = 0.25;  ///< of each frame; a GIF stores hundredths of a second
};
/// The limits of GifOptions::seconds. Browsers slow down animations with shorter frames than the
/// first.
constexpr double kLeastGifSeconds = 0.02, kMostGifSeconds = 655.35;

/// The largest animation: its longest side, and the pixels of all frames together.
constexpr PictureLimits kGifLimits = {.side = 65535, .pixels = int64_t{1} << 26};

/// frames (3, H, W), in [0, 1] or uint8, all of one size -> the bytes of a GIF89a that plays them
/// in a loop. Each frame has its own palette of 256 colours, without dithering.
std::string encode_gif(const std::vector<at::Tensor>& frames, const GifOptions& options = {});

/// Writes `encode_gif` as `write_file` does. Returns the name that the file got.
std::filesystem::path write_gif(const std::filesystem::path& path,
                                const std::vector<at::Tensor>& frames, const GifOptions& options,
                                WriteMode mode);

}  // namespace unclip
