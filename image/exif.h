#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace unclip {

/// How a picture lies, 1 to 8, by a block of EXIF: TIFF's tag Orientation in its first directory.
/// 1, upright, where the block tells nothing or is not sound.
/// CIPA DC-008-2012, sections 4.5.4 and 4.6.4,
/// https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf
int exif_orientation(std::span<const uint8_t> exif);

/// Turns and mirrors a picture that lies by `orientation`, so that it stands upright:
/// (3, H, W) -> (3, H, W), from 5 on (3, W, H)
at::Tensor upright(const at::Tensor& picture, int orientation);

}  // namespace unclip
