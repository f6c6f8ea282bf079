#include "image/over_white.h"

#include "kernels/tensor.h"

namespace unclip {
namespace {

uint8_t upper_bits(uint16_t sample) { return static_cast<uint8_t>(sample >> 8); }
uint8_t upper_bits(uint8_t sample) { return sample; }

template <class Premultiplied>
at::Tensor mixed_with_white(const at::Tensor& rgba) {
  const int64_t pixels = rgba.size(0) * rgba.size(1);
  auto image = ops::empty({3, rgba.size(0), rgba.size(1)}, at::kByte);
  auto* out = image.mutable_data_ptr<uint8_t>();
  const auto* pixel = rgba.const_data_ptr<Premultiplied>();
  for (int64_t i = 0; i < pixels; ++i, pixel += 4) {
    const int alpha = upper_bits(pixel[3]);
    for (int64_t c = 0; c < 3; ++c) {
      const int mixed = alpha * upper_bits(pixel[c]) + (255 - alpha) * 255;
      out[c * pixels + i] = static_cast<uint8_t>((mixed + 127) / 255);
    }
  }
  return image;
}

}  // namespace

at::Tensor over_white(const at::Tensor& rgba) {
  TORCH_CHECK(rgba.dim() == 3 && rgba.size(2) == 4 && rgba.is_contiguous(), "over_white: rgba is ",
              rgba.sizes());
  return rgba.scalar_type() == at::kUInt16 ? mixed_with_white<uint16_t>(rgba)
                                           : mixed_with_white<uint8_t>(rgba);
}

}  // namespace unclip
