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

/// round(255 x), half to even, of x clamped to [0, 1]; an image of bytes is unchanged: image (3, H,
/// W) -> (3, H, W) uint8. Throws Error if a value is not a number.
at::Tensor to_uint8(const at::Tensor& image);

/// The same values row by row, with the three colours of a pixel next to each other: image (3, H,
/// W) -> H * W * 3 bytes
std::vector<uint8_t> to_8bit(const at::Tensor& image);

/// image (3, H, W) in [0, 1], or uint8 -> the bytes of a PNG, with 8 bits per colour and the texts.
std::string encode_png(const at::Tensor& image, const std::vector<PngText>& texts);

/// Writes `encode_png` as `write_file` does. Returns the name that the file got.
std::filesystem::path write_png(const std::filesystem::path& path, const at::Tensor& image,
                                const std::vector<PngText>& texts, WriteMode mode);

/// The largest PNG that `read_png` and `read_png_text` accept.
constexpr PictureLimits kPngLimits = {.side = 16384, .pixels = int64_t{1} << 26};

/// Any PNG -> (3, H, W) float32 in [0, 1]. Grey and palettes become colours, transparent pixels are
/// blended with white, 16 bits keep their precision; a colour profile is not applied. Throws Error
/// if the file is not a complete PNG, or is beyond kPngLimits.
at::Tensor read_png(const std::filesystem::path& path);

/// The texts of a PNG, in the file's order, as UTF-8. Throws Error as `read_png` does.
std::vector<PngText> read_png_text(const std::filesystem::path& path);

}  // namespace unclip
