#include "image/resize_8bit.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/tensor.h"

namespace unclip {
namespace {

// Fixed point, as in Pillow's Resample.c: of 32 bits, 8 are for the sample, 2 are room for the
// negative weights, and the rest is the fraction of the weight.
constexpr int kFractionBits = 32 - 8 - 2;
constexpr int32_t kHalf = 1 << (kFractionBits - 1);

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}
double lanczos(double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

/// A filter's kernel, which is 0 beyond its radius.
struct Kernel {
  double (*at)(double x);
  double radius;
};
Kernel kernel_of(ResizeFilter filter) {
  return filter == ResizeFilter::kLanczos ? Kernel{lanczos, 3} : Kernel{cubic, 2};
}

/// The part of an image along one axis. Pillow rounds it to float32.
struct Interval {
  float begin, end;
  bool is(int64_t size) const { return begin == 0 && end == static_cast<float>(size); }
};

/// The samples that make up one new sample, and their weights.
struct Window {
  int64_t begin;
  std::vector<int32_t> weights;
};

/// A window for each of n_out samples that replace those of `part`, which has n_in around it.
std::vector<Window> windows(int64_t n_in, const Interval& part, int64_t n_out,
                            const Kernel& kernel) {
  const double scale = static_cast<double>(part.end - part.begin) / static_cast<double>(n_out);
  const double stretch = std::max(scale, 1.0);  // the kernel is wider if the image shrinks
  const double radius = kernel.radius * stretch;
  std::vector<Window> all;
  std::vector<double> w;
  for (int64_t i = 0; i < n_out; ++i) {
    const double centre = part.begin + (static_cast<double>(i) + 0.5) * scale;
    // The casts, which round towards 0, and the order of the sums are Pillow's: both affect the
    // last bits.
    const auto begin = std::max(static_cast<int64_t>(centre - radius + 0.5), int64_t{0});
    const auto end = std::min(static_cast<int64_t>(centre + radius + 0.5), n_in);
    double sum = 0;
    w.clear();
    for (int64_t j = begin; j < end; ++j) {
      w.push_back(kernel.at((static_cast<double>(j) - centre + 0.5) * (1 / stretch)));
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

/// x (rows, W) -> (rows, new samples)
at::Tensor resize_columns(const at::Tensor& x, const std::vector<Window>& all) {
  auto y = ops::empty({x.size(0), static_cast<int64_t>(all.size())}, at::kByte);
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

/// x (C, H, W) -> (C, new samples, W)
at::Tensor resize_rows(const at::Tensor& x, const std::vector<Window>& all) {
  const int64_t width = x.size(2);
  auto y = ops::empty({x.size(0), static_cast<int64_t>(all.size()), width}, at::kByte);
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

/// The sums of `columns` neighbouring numbers of a row, for blocks of rows that are added up.
void add_blocks(const uint8_t* row, int64_t width, int64_t columns, std::vector<uint32_t>& sums) {
  for (int64_t x = 0; x < width; ++x) sums[static_cast<size_t>(x / columns)] += row[x];
}

void expect_picture(const at::Tensor& picture, const char* function) {
  TORCH_CHECK(picture.dim() == 3 && picture.numel() > 0 && picture.scalar_type() == at::kByte,
              function, ": expected a picture (C, H, W) of bytes, got ", picture.scalar_type(), ' ',
              picture.sizes());
}

/// Resizes the part `box` of x (C, H, W).
at::Tensor resize_box(const at::Tensor& x, const Box& box, int64_t height, int64_t width,
                      ResizeFilter filter) {
  const auto kernel = kernel_of(filter);
  const Interval across{static_cast<float>(box.left), static_cast<float>(box.right)};
  const Interval down{static_cast<float>(box.top), static_cast<float>(box.bottom)};
  const auto h = x.size(1), w = x.size(2);
  const auto with_rows = [&](const at::Tensor& t) {
    if (height == h && down.is(h)) return t;
    return resize_rows(t, windows(h, down, height, kernel));
  };
  const auto with_columns = [&](const at::Tensor& t) {
    if (width == w && across.is(w)) return t;
    return resize_columns(t.flatten(0, 1), windows(w, across, width, kernel))
        .reshape({t.size(0), t.size(1), width});
  };
  // Pillow's own rule, which need not be the faster order.
  const bool rows_first = h > height && h - height > 2 * (w - width);
  return rows_first ? with_columns(with_rows(x)) : with_rows(with_columns(x));
}

/// Reduces x (C, H, W) by whole factors, and sets `box` to the same part of the result.
at::Tensor reduced(const at::Tensor& x, Box& box, int64_t height, int64_t width,
                   const Resize8bit& options) {
  const double scale_down = (box.bottom - box.top) / static_cast<double>(height);
  const double scale_across = (box.right - box.left) / static_cast<double>(width);
  const auto factor = [&](double scale) {
    return std::max(static_cast<int64_t>(scale / options.reducing_gap), int64_t{1});
  };
  const auto rows = factor(scale_down), columns = factor(scale_across);
  if (rows == 1 && columns == 1) return x;
  // The pixels that the filter may read.
  const double reach = kernel_of(options.filter).radius - 0.5;
  const auto first = [&](double side, double scale) {
    return std::max(static_cast<int64_t>(side - reach * scale), int64_t{0});
  };
  const auto last = [&](double side, double scale, int64_t size) {
    return std::min(static_cast<int64_t>(std::ceil(side + reach * scale)), size);
  };
  const auto top = first(box.top, scale_down), left = first(box.left, scale_across);
  const auto bottom = last(box.bottom, scale_down, x.size(1)),
             right = last(box.right, scale_across, x.size(2));
  const auto in_blocks = [](double side, int64_t begin, int64_t block) {
    return (side - static_cast<double>(begin)) / static_cast<double>(block);
  };
  box = {.left = in_blocks(box.left, left, columns),
         .top = in_blocks(box.top, top, rows),
         .right = in_blocks(box.right, left, columns),
         .bottom = in_blocks(box.bottom, top, rows)};
  return reduce_8bit(x.narrow(1, top, bottom - top).narrow(2, left, right - left), rows, columns);
}

}  // namespace

at::Tensor resize_8bit(const at::Tensor& picture, int64_t height, int64_t width,
                       const Resize8bit& options) {
  expect_picture(picture, "resize_8bit");
  TORCH_CHECK(height > 0 && width > 0,
              "resize_8bit: expected a height and a width of at least 1, got ", height, " and ",
              width);
  TORCH_CHECK(options.reducing_gap == 0 || options.reducing_gap >= 1,
              "resize_8bit: expected a reducing_gap of 0, or of 1 or more, got ",
              options.reducing_gap);
  const auto h = static_cast<double>(picture.size(1)), w = static_cast<double>(picture.size(2));
  auto box = options.box.value_or(Box{.left = 0, .top = 0, .right = w, .bottom = h});
  TORCH_CHECK(box.left >= 0 && box.top >= 0 && box.right <= w && box.bottom <= h &&
                  box.left < box.right && box.top < box.bottom,
              "resize_8bit: expected a box inside of the picture ", picture.sizes(), ", got ",
              box.left, " ", box.top, " ", box.right, " ", box.bottom);
  auto x = picture.contiguous();
  if (options.reducing_gap != 0) x = reduced(x, box, height, width, options);
  return resize_box(x, box, height, width, options.filter);
}

at::Tensor resize_bicubic_8bit(const at::Tensor& picture, int64_t height, int64_t width) {
  expect_picture(picture, "resize_bicubic_8bit");
  TORCH_CHECK(picture.size(0) == 3, "resize_bicubic_8bit: expected 3 channels, got ",
              picture.size(0));
  return resize_8bit(picture, height, width);
}

at::Tensor reduce_8bit(const at::Tensor& picture, int64_t rows, int64_t columns) {
  expect_picture(picture, "reduce_8bit");
  TORCH_CHECK(rows > 0 && columns > 0, "reduce_8bit: expected blocks of 1 pixel or more, got ",
              rows, " x ", columns);
  const auto x = picture.contiguous();
  const auto h = x.size(1), w = x.size(2);
  const auto height = (h + rows - 1) / rows, width = (w + columns - 1) / columns;
  auto y = ops::empty({x.size(0), height, width}, at::kByte);
  const auto* in = x.const_data_ptr<uint8_t>();
  auto* out = y.mutable_data_ptr<uint8_t>();
  std::vector<uint32_t> sums(static_cast<size_t>(width));
  for (int64_t c = 0; c < x.size(0); ++c) {
    for (int64_t top = 0; top < h; top += rows) {
      const auto down = std::min(rows, h - top);
      std::fill(sums.begin(), sums.end(), 0);
      for (int64_t row = 0; row < down; ++row, in += w) add_blocks(in, w, columns, sums);
      for (int64_t i = 0; i < width; ++i) {
        const auto n = static_cast<uint64_t>(down * std::min(columns, w - i * columns));
        // Pillow's division by n in fixed point, which rounds some halves down.
        const uint64_t reciprocal = (uint64_t{1} << 32) / (256 * n);
        *out++ = static_cast<uint8_t>((sums[static_cast<size_t>(i)] + n / 2) * reciprocal >> 24);
      }
    }
  }
  return y;
}

}  // namespace unclip
