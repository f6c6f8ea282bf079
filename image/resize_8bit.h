#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace unclip {

/// A filter whose kernel is widened if the image shrinks.
enum class ResizeFilter {
  kBicubic,  // Keys 1981, https://doi.org/10.1109/TASSP.1981.1163711, a = -1/2
  kLanczos,  // sinc(x) sinc(x / 3). Duchon 1979,
             // https://doi.org/10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2
};

/// A part of an image in pixels, whose sides may lie within pixels.
struct Box {
  double left, top, right, bottom;
};

struct Resize8bit {
  ResizeFilter filter = ResizeFilter::kBicubic;
  std::optional<Box> box = {};  // the part that is resized; the whole image if absent
  /// If 1 or more: the image is first reduced by whole factors (see reduce_8bit), as far as it
  /// stays this many times larger than the result or more. 0: it is not.
  double reducing_gap = 0;
};

/// Resizes in integers, bit for bit as Image.resize(size, filter, box, reducing_gap) in Pillow 13.
/// One pass resizes each row, one each column, and the image between them is rounded to 8 bits too.
/// The columns come first if the height shrinks by more than twice what the width shrinks by; in
/// Pillow up to version 12 they never do, which makes a difference at hard edges.
/// picture (C, H, W) uint8 -> (C, height, width) uint8
at::Tensor resize_8bit(const at::Tensor& picture, int64_t height, int64_t width,
                       const Resize8bit& options = {});

/// The same of an RGB image with the bicubic filter. It prepares images for CLIP.
/// picture (3, H, W) uint8 -> (3, height, width) uint8; `picture` itself if it has that size
/// already
at::Tensor resize_bicubic_8bit(const at::Tensor& picture, int64_t height, int64_t width);

/// The means of blocks of rows x columns pixels, bit for bit as Image.reduce((columns, rows)) in
/// Pillow. Blocks at the right and the lower edge may be smaller.
/// picture (C, H, W) uint8 -> (C, ceil(H / rows), ceil(W / columns)) uint8
at::Tensor reduce_8bit(const at::Tensor& picture, int64_t rows, int64_t columns);

}  // namespace unclip
