#include <limits>

#include "image/png.h"
#include "image/png_samples.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

/// rgba (H, W, 4) -> (3, H, W)
template <class Sample>
at::Tensor over_white(const at::Tensor& rgba) {
  const int64_t pixels = rgba.size(0) * rgba.size(1);
  constexpr float kMost = std::numeric_limits<Sample>::max();
  auto image = ops::empty({3, rgba.size(0), rgba.size(1)}, at::kFloat);
  auto* out = image.mutable_data_ptr<float>();
  const auto* pixel = rgba.const_data_ptr<Sample>();
  for (int64_t i = 0; i < pixels; ++i, pixel += 4) {
    const float alpha = pixel[3] / kMost;
    for (int64_t c = 0; c < 3; ++c) {
      out[c * pixels + i] = alpha * (pixel[c] / kMost) + (1 - alpha);
    }
  }
  return image;
}

}  // namespace

at::Tensor read_png(const std::filesystem::path& path) {
  const auto rgba = decode_png_samples(read_image_bytes(path), path.string(), kPngLimits).rgba;
  return rgba.scalar_type() == at::kByte ? over_white<uint8_t>(rgba) : over_white<uint16_t>(rgba);
}

std::vector<PngText> read_png_text(const std::filesystem::path& path) {
  return decode_png_metadata(read_image_bytes(path), path.string(), kPngLimits).texts;
}

}  // namespace unclip
