#include "image/resize_8bit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/tensor.h"

namespace unclip {
namespace {

// Fixed point, as in Pillow's Resample.c: of 32 bits, 8 are for the sample, 2 are room for the
// negative weights, and the rest is the fraction of the weight.
constexpr int kFractionBits = 32 - 8 - 2;
constexpr int32_t kHalf = 1 << (kFractionBits - 1);

// Keys 1981, https://doi.org/10.1109/TASSP.1981.1163711, with a = -1/2; 0 beyond kRadius.
constexpr double kRadius = 2;
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < kRadius) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// The samples that make up one new sample, and their weights.
struct Window {
  int64_t begin;
  std::vector<int32_t> weights;
};

/// A window for each of n_out samples that replace n_in.
std::vector<Window> windows(int64_t n_in, int64_t n_out) {
  const double scale = static_cast<double>(n_in) / static_cast<double>(n_out);
  const double stretch = std::max(scale, 1.0);  // the kernel is wider if the image shrinks
  const double radius = kRadius * stretch;
  std::vector<Window> all;
  std::vector<double> w;
  for (int64_t i = 0; i < n_out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    // The casts, which round towards 0, and the order of the sums are Pillow's: both affect the
    // last bits.
    const auto begin = std::max(static_cast<int64_t>(centre - radius + 0.5), int64_t{0});
    const auto end = std::min(static_cast<int64_t>(centre + radius + 0.5), n_in);
    double sum = 0;
    w.clear();
    for (int64_t j = begin; j < end; ++j) {
      w.push_back(cubic((static_cast<double>(j) - centre + 0.5) * (1 / stretch)));
      sum += w.back();
    }
    Window window{begin, {}};
    for (const double x : w) {
      const double fixed = (sum != 0 ? x / sum : x) * (1 << kFractionBits);
      window.weights.push_back(static_cast<int32_t>(fixed < 0 ? fixed - 0.5 : fixed + 0.5));
    }
    all.push_back(std::move(window));
  }
  return all;
}

uint8_t to_sample(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

/// x (rows, W) -> (rows, width)
at::Tensor resize_columns(const at::Tensor& x, int64_t width) {
  const auto all = windows(x.size(1), width);
  auto y = ops::empty({x.size(0), width}, at::kByte);
  const auto* in = x.const_data_ptr<uint8_t>();
  auto* out = y.mutable_data_ptr<uint8_t>();
  for (int64_t row = 0; row < x.size(0); ++row, in += x.size(1)) {
    for (const auto& [begin, weights] : all) {
      const auto* sample = in + begin;
      int32_t sum = kHalf;
      for (const int32_t weight : weights) sum += weight * *sample++;
      *out++ = to_sample(sum);
    }
  }
  return y;
}

/// x (C, H, W) -> (C, height, W)
at::Tensor resize_rows(const at::Tensor& x, int64_t height) {
  const auto all = windows(x.size(1), height);
  const int64_t width = x.size(2);
  auto y = ops::empty({x.size(0), height, width}, at::kByte);
  auto* out = y.mutable_data_ptr<uint8_t>();
  std::vector<int32_t> sums(static_cast<size_t>(width));
  for (int64_t c = 0; c < x.size(0); ++c) {
    const auto* plane = x.const_data_ptr<uint8_t>() + c * x.size(1) * width;
    for (const auto& [begin, weights] : all) {
      std::fill(sums.begin(), sums.end(), kHalf);
      const auto* in = plane + begin * width;
      for (const int32_t weight : weights) {
        for (auto& sum : sums) sum += weight * *in++;
      }
      out = std::transform(sums.begin(), sums.end(), out, to_sample);
    }
  }
  return y;
}

}  // namespace

at::Tensor resize_bicubic_8bit(const at::Tensor& picture, int64_t height, int64_t width) {
  TORCH_CHECK(picture.dim() == 3 && picture.size(0) == 3 && picture.numel() > 0 &&
                  picture.scalar_type() == at::kByte,
              "resize_bicubic_8bit: expected a picture (3, H, W) of bytes, got ",
              picture.scalar_type(), ' ', picture.sizes());
  TORCH_CHECK(height > 0 && width > 0,
              "resize_bicubic_8bit: expected a height and a width of at least 1, got ", height,
              " and ", width);
  auto x = picture.contiguous();
  if (width != x.size(2)) {
    x = resize_columns(x.flatten(0, 1), width).reshape({3, x.size(1), width});  // (3, H, width)
  }
  if (height != x.size(1)) x = resize_rows(x, height);  // (3, height, width)
  return x;
}

}  // namespace unclip
