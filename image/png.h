#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/write_file.h"
#include "image/picture_file.h"
#include "image/png_text.h"

namespace unclip {

/// round(255 x), half to even, of x clamped to [0, 1]; bytes stay as they are:
/// image (3, H, W) -> (3, H, W) uint8. Throws Error where a value is not a number.
at::Tensor to_uint8(const at::Tensor& image);

/// The same row by row, the three colours side by side: image (3, H, W) -> H * W * 3 bytes
std::vector<uint8_t> to_8bit(const at::Tensor& image);

/// image (3, H, W) in [0, 1], or uint8 -> the bytes of a PNG, 8 bits a colour, with the texts.
std::string encode_png(const at::Tensor& image, const std::vector<PngText>& texts);

/// Writes `encode_png` as `write_file` does. Returns the name that the file got.
std::filesystem::path write_png(const std::filesystem::path& path, const at::Tensor& image,
                                const std::vector<PngText>& texts, WriteMode mode);

/// How large a PNG `read_png` and `read_png_text` read.
constexpr PictureLimits kPngLimits = {.side = 16384, .pixels = int64_t{1} << 26};

/// Any PNG -> (3, H, W) float32 in [0, 1]. Grey and palettes become colours, what is transparent
/// lies over white, 16 bits keep their precision; a colour profile is not applied.
/// Throws Error where the file is no whole PNG, or is beyond kPngLimits.
at::Tensor read_png(const std::filesystem::path& path);

/// The texts of a PNG, in the file's order, as UTF-8. Throws Error as `read_png` does.
std::vector<PngText> read_png_text(const std::filesystem::path& path);

}  // namespace unclip
