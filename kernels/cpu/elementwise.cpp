#include "kernels/cpu/elementwise.h"

#include "kernels/cpu/vec.h"

namespace unclip::UNCLIP_ISA {
namespace {

/// The sums for kVectors vectors of channels. kPixels pixels have their own sums, so that no
/// addition waits for the one before it.
template <int kVectors, int kPixels, bool kWhole, class T>
void add_vectors(const T* x, int64_t channels, int64_t begin, int64_t end, const float* pivot,
                 float* sums, float* squares, int64_t lanes = kLanes) {
  Vec sum[kPixels][kVectors] = {}, square[kPixels][kVectors] = {}, zero[kVectors];
  const auto read = [&](const auto* p) { return kWhole ? load(p) : load_some(p, lanes); };
  const auto write = [&](float* p, Vec v) { kWhole ? store(p, v) : store_some(p, v, lanes); };
  for (int v = 0; v < kVectors; ++v) zero[v] = read(pivot + v * kLanes);
  const auto add = [&](int64_t s, int p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const Vec d = read(x + s * channels + v * kLanes) - zero[v];
      sum[p][v] += d;
      square[p][v] += d * d;
    }
  };
  int64_t s = begin;
  for (; s + kPixels <= end; s += kPixels) {
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) add(s + p, p);
  }
  for (; s < end; ++s) add(s, 0);
  for (int v = 0; v < kVectors; ++v) {
    for (int p = 1; p < kPixels; ++p) {
      sum[0][v] += sum[p][v];
      square[0][v] += square[p][v];
    }
    write(sums + v * kLanes, sum[0][v]);
    write(squares + v * kLanes, square[0][v]);
  }
}

template <class T>
void add_moments(const T* x, int64_t channels, int64_t begin, int64_t end, const float* pivot,
                 float* sums, float* squares) {
  int64_t c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) {
    add_vectors<4, 1, true>(x + c, channels, begin, end, pivot + c, sums + c, squares + c);
  }
  for (; c + kLanes <= channels; c += kLanes) {
    add_vectors<1, 4, true>(x + c, channels, begin, end, pivot + c, sums + c, squares + c);
  }
  if (c < channels) {
    add_vectors<1, 4, false>(x + c, channels, begin, end, pivot + c, sums + c, squares + c,
                             channels - c);
  }
}

template <bool kSilu, class T>
void write_scaled(const kernels::ScaleShift& args, int64_t begin, int64_t end) {
  const int64_t channels = args.channels;
  for (int64_t s = begin; s < end; ++s) {
    const int64_t b = s / args.pixels;
    const float *scale = args.scale + b * channels, *shift = args.shift + b * channels;
    const T* x = static_cast<const T*>(args.x) + s * channels;
    T* y = static_cast<T*>(args.y) + s * channels;
    const auto write = [&](int64_t c) {
      const Vec h = load(x + c) * load(scale + c) + load(shift + c);
      store(y + c, kSilu ? silu(h) : h);
    };
    int64_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) write(c);
    if (c == channels) continue;
    const int64_t left = channels - c;
    const Vec h = load_some(x + c, left) * load_some(scale + c, left) + load_some(shift + c, left);
    store_some(y + c, kSilu ? silu(h) : h, left);
  }
}

template <class T>
void write_scaled(const kernels::ScaleShift& args, int64_t begin, int64_t end) {
  (args.silu ? write_scaled<true, T> : write_scaled<false, T>)(args, begin, end);
}

template <bool kSilu, class T>
void write_pixels(const kernels::SpatialScaleShift& args, int64_t begin, int64_t end) {
  const int64_t channels = args.channels;
  const int64_t rows = args.height / args.rows_per_scale,
                columns = args.width / args.columns_per_scale;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t b = row / args.height, r = row % args.height / args.rows_per_scale;
    const float *norm_scale = args.norm_scale + b * channels,
                *norm_shift = args.norm_shift + b * channels;
    for (int64_t column = 0; column < args.width; ++column) {
      const int64_t from = ((b * rows + r) * columns + column / args.columns_per_scale) * channels;
      const int64_t to = (row * args.width + column) * channels;
      const T *scale = static_cast<const T*>(args.scale) + from,
              *shift = static_cast<const T*>(args.shift) + from,
              *x = static_cast<const T*>(args.x) + to;
      T* y = static_cast<T*>(args.y) + to;
      const auto normal = [&](int64_t c, auto read) {
        const Vec h = read(x + c) * read(norm_scale + c) + read(norm_shift + c);
        const Vec modulated = h * read(scale + c) + read(shift + c);
        return kSilu ? silu(modulated) : modulated;
      };
      int64_t c = 0;
      for (; c + kLanes <= channels; c += kLanes) {
        store(y + c, normal(c, [](const auto* p) { return load(p); }));
      }
      if (c == channels) continue;
      const int64_t left = channels - c;
      store_some(y + c, normal(c, [left](const auto* p) { return load_some(p, left); }), left);
    }
  }
}

template <class T>
void write_pixels(const kernels::SpatialScaleShift& args, int64_t begin, int64_t end) {
  (args.silu ? write_pixels<true, T> : write_pixels<false, T>)(args, begin, end);
}

}  // namespace

void moments(kernels::Storage storage, const void* x, int64_t channels, int64_t begin, int64_t end,
             const float* pivot, float* sums, float* squares) {
  with_number(storage, [&](auto number) {
    const auto* numbers = static_cast<const decltype(number)*>(x);
    add_moments(numbers, channels, begin, end, pivot, sums, squares);
  });
}

void scale_shift(const kernels::ScaleShift& args, int64_t begin, int64_t end) {
  with_number(args.storage, [&](auto number) { write_scaled<decltype(number)>(args, begin, end); });
}

void spatial_scale_shift(const kernels::SpatialScaleShift& args, int64_t begin, int64_t end) {
  with_number(args.storage, [&](auto number) { write_pixels<decltype(number)>(args, begin, end); });
}

}  // namespace unclip::UNCLIP_ISA
