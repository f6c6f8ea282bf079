#include "kernels/cpu/winograd.h"

#include "kernels/cpu/multiply.h"

// Convolution by Winograd's minimal filtering F(4x4, 3x3): 36 products compute the 16 pixels of a
// tile, for which the definition needs 144,
//   Y = A^T [ (G g G^T) * (B^T d B) ] A,   d 6x6 pixels, g 3x3 weights, * element by element,
// summed over the input channels before multiplying by A, which makes 36 matrix products.
// Lavin & Gray 2015, section 4.1 and equations 8 to 12, https://arxiv.org/abs/1509.09308
//
// A call passes over its tiles once. All intermediate values are in its scratch memory, sized for
// the processor's caches:
//   V (36, tiles, C_in)    B^T d B of every tile
//   U (36, C_in, chunk)    G g G^T of a few output channels, made where it is used: reading the
//                          weights again is cheaper than keeping four times their size
//   M (36, block, chunk)   the products of a few tiles

namespace unclip::UNCLIP_ISA {
namespace {

using kernels::Conv3x3;
using kernels::ConvPart;
using kernels::Storage;

constexpr int kPoints = 36;
constexpr int kBlock = 4 * kRows;

// Addresses that differ by a multiple of 4096 bytes share the few entries of one set of the cache.
// Therefore the rows of V and the 36 planes of each buffer, which are written in parallel, are
// separated by an additional cache line.
int64_t row_length(int64_t in) {
  const int64_t whole = divided_up(in, kLanes) * kLanes;
  return whole % 256 == 0 ? whole + kLanes : whole;
}
int64_t plane_of_v(int64_t in, int64_t tiles) { return tiles * row_length(in) + kLanes; }
int64_t plane_of_u(int64_t in) { return in * kChunk + kLanes; }
constexpr int64_t kPlaneOfM = int64_t{kBlock} * kChunk + kLanes;

// The three transforms of one dimension, equations 11 and 12's matrices. `step`s are in vectors.

inline void transform_pixels(const Vec* d, int d_step, Vec* out, int out_step) {
  const Vec d0 = d[0], d1 = d[d_step], d2 = d[2 * d_step];
  const Vec d3 = d[3 * d_step], d4 = d[4 * d_step], d5 = d[5 * d_step];
  const Vec a = d4 - 4.0f * d2, b = d3 - 4.0f * d1, c = d4 - d2, e = 2.0f * (d3 - d1);
  out[0] = 4.0f * d0 - 5.0f * d2 + d4;
  out[out_step] = a + b;
  out[2 * out_step] = a - b;
  out[3 * out_step] = c + e;
  out[4 * out_step] = c - e;
  out[5 * out_step] = 4.0f * d1 - 5.0f * d3 + d5;
}

inline void transform_weights(const Vec* g, int g_step, Vec* out, int out_step) {
  const Vec g0 = g[0], g1 = g[g_step], g2 = g[2 * g_step];
  const Vec a = (g0 + g2) * (-1.0f / 6), b = g1 * (1.0f / 6);
  const Vec c = g0 * (1.0f / 24) + g2 * (1.0f / 6), d = g1 * (1.0f / 12);
  out[0] = g0 * 0.25f;
  out[out_step] = a - b;
  out[2 * out_step] = a + b;
  out[3 * out_step] = c + d;
  out[4 * out_step] = c - d;
  out[5 * out_step] = g2;
}

inline void transform_products(const Vec* m, int m_step, Vec* out, int out_step) {
  const Vec m1 = m[m_step], m2 = m[2 * m_step], m3 = m[3 * m_step], m4 = m[4 * m_step];
  const Vec a = m1 + m2, b = m1 - m2, c = m3 + m4, d = m3 - m4;
  out[0] = m[0] + a + c;
  out[out_step] = b + 2.0f * d;
  out[2 * out_step] = a + 4.0f * c;
  out[3 * out_step] = b + 8.0f * d + m[5 * m_step];
}

struct Tile {
  int64_t b, y, x;  // its image, and its upper left pixel
};

Tile tile_at(const Conv3x3& c, int64_t index) {
  const int64_t across = c.tiles_across(), down = c.tiles_down();
  return {index / (across * down), index / across % down * 4, index % across * 4};
}

/// B^T d B of kLanes channels of a tile, d of `pixel(i * 6 + j)`, to the planes of `out`.
template <class Pixel>
inline void transform_tile(const Pixel& pixel, float* out, int64_t plane) {
  Vec columns[kPoints];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    Vec d[6];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) d[i] = pixel(i * 6 + j);
    transform_pixels(d, 1, columns + j, 6);
  }
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i) {
    Vec d[6];
    transform_pixels(columns + i * 6, 1, d, 1);
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) store(out + (i * 6 + j) * plane, d[j]);
  }
}

/// V of the tiles [begin, begin + count).
template <class T>
void fill_v(const Conv3x3& c, int64_t begin, int64_t count, float* v_out) {
  alignas(64) static const T kZeros[kLanes] = {};
  const T* x = static_cast<const T*>(c.x);
  const int64_t row = row_length(c.in), plane = plane_of_v(c.in, count);
  for (int64_t t = 0; t < count; ++t) {
    const Tile tile = tile_at(c, begin + t);
    const T* pixels[kPoints];
    int64_t steps[kPoints];  // a pixel outside is zero in every channel
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j < 6; ++j) {
        const int64_t py = tile.y + i - 1, px = tile.x + j - 1;
        const bool inside = py >= 0 && py < c.height && px >= 0 && px < c.width;
        pixels[i * 6 + j] = inside ? x + ((tile.b * c.height + py) * c.width + px) * c.in : kZeros;
        steps[i * 6 + j] = inside;
      }
    }
    float* out = v_out + t * row;
    int64_t k = 0;
    for (; k + kLanes <= c.in; k += kLanes) {
      transform_tile([&](int p) { return load(pixels[p] + steps[p] * k); }, out + k, plane);
    }
    if (k < c.in) {
      const auto some = [&](int p) { return load_some(pixels[p] + steps[p] * k, c.in - k); };
      transform_tile(some, out + k, plane);
    }
  }
}

/// U of kLanes output channels from `first` on, the vectors `column` of each chunk.
template <class T>
void fill_u_column(const Conv3x3& c, int64_t first, int column, float* u) {
  const T* weight = static_cast<const T*>(c.weight) + first * c.in * 9;
  const int64_t outs = c.out - first < kLanes ? c.out - first : kLanes;
  for (int64_t i = 0; i < c.in; i += kLanes) {
    // The 9 weights of kLanes input channels, or of the remaining ones, with the output channels as
    // lanes.
    const int64_t ins = c.in - i < kLanes ? c.in - i : kLanes;
    Vec taps[9 * kLanes];
    for (int64_t part = 0; part * kLanes < 9 * ins; ++part) {
      Vec* rows = taps + part * kLanes;
#pragma GCC unroll 16
      for (int o = 0; o < kLanes; ++o) {
        const T* row = weight + (o * c.in + i) * 9 + part * kLanes;
        rows[o] = o >= outs ? Vec{} : load_some(row, 9 * ins - part * kLanes);
      }
      transpose(rows);
    }
    for (int64_t lane = 0; lane < ins; ++lane) {
      Vec columns[18];
#pragma GCC unroll 3
      for (int j = 0; j < 3; ++j) transform_weights(taps + lane * 9 + j, 3, columns + j, 3);
      float* out = u + (i + lane) * kChunk + column * kLanes;
#pragma GCC unroll 6
      for (int r = 0; r < 6; ++r) {
        Vec g[6];
        transform_weights(columns + r * 3, 1, g, 1);
#pragma GCC unroll 6
        for (int s = 0; s < 6; ++s) store(out + (r * 6 + s) * plane_of_u(c.in), g[s]);
      }
    }
  }
}

/// The pixels of the tiles [begin, begin + count), kLanes output channels from `first` on.
template <bool kWhole, class T>
void write_pixels(const Conv3x3& c, int64_t begin, int64_t count, const float* m, int64_t first) {
  const int64_t lanes = kWhole ? kLanes : c.out - first;
  const auto read = [&](const T* p) { return kWhole ? load(p) : load_some(p, lanes); };
  const auto write = [&](T* p, Vec v) { kWhole ? store(p, v) : store_some(p, v, lanes); };
  const auto* biases = static_cast<const T*>(c.bias);
  const auto* residuals = static_cast<const T*>(c.residual);
  const Vec bias = biases == nullptr ? Vec{} : read(biases + first);
  for (int64_t t = 0; t < count; ++t) {
    Vec columns[24];
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) {
      Vec products[6];
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) products[i] = load(m + t * kChunk + (i * 6 + j) * kPlaneOfM);
      transform_products(products, 1, columns + j, 6);
    }
    const Tile tile = tile_at(c, begin + t);
    const int64_t height = c.height - tile.y < 4 ? c.height - tile.y : 4;
    const int64_t width = c.width - tile.x < 4 ? c.width - tile.x : 4;
    const int64_t corner = ((tile.b * c.height + tile.y) * c.width + tile.x) * c.out + first;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      Vec pixels[4];
      transform_products(columns + i * 6, 1, pixels, 1);
      if (i >= height) break;
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        if (j >= width) break;
        const int64_t at = corner + (i * c.width + j) * c.out;
        Vec pixel = pixels[j] + bias;
        if (residuals != nullptr) pixel += read(residuals + at);
        write(static_cast<T*>(c.y) + at, pixel);
      }
    }
  }
}

template <class T>
void convolve(const Conv3x3& c, const ConvPart& part, float* scratch) {
  const int64_t begin = part.tiles.begin, tiles = part.tiles.size(), row = row_length(c.in);
  float* v = scratch;
  float* u = v + kPoints * plane_of_v(c.in, tiles);
  float* m = u + kPoints * plane_of_u(c.in);
  fill_v<T>(c, begin, tiles, v);
  for (int64_t first = part.outs.begin; first < part.outs.end; first += kChunk) {
    // A last chunk of half the width leaves the other half of U and M as it was.
    const int64_t left = part.outs.end - first;
    const int vectors = static_cast<int>(divided_up(left < kChunk ? left : kChunk, kLanes));
    for (int i = 0; i < vectors; ++i) fill_u_column<T>(c, first + i * kLanes, i, u);
    for (int64_t t = 0, rows = 0, blocks = divided_up(tiles, kBlock); t < tiles; t += rows) {
      rows = divided_up(tiles - t, blocks--);
      for (int64_t p = 0; p < kPoints; ++p) {
        multiply({.first = v + p * plane_of_v(c.in, tiles) + t * row, .step = row}, rows,
                 u + p * plane_of_u(c.in), c.in, nullptr,
                 {.first = m + p * kPlaneOfM, .step = kChunk});
      }
      for (int i = 0; i < vectors; ++i) {
        const bool whole = left - i * kLanes >= kLanes;
        (whole ? write_pixels<true, T> : write_pixels<false, T>)(c, begin + t, rows, m + i * kLanes,
                                                                 first + i * kLanes);
      }
    }
  }
}

}  // namespace

void winograd(const Conv3x3& conv, const ConvPart& part, float* scratch) {
  with_number(conv.storage, [&](auto number) { convolve<decltype(number)>(conv, part, scratch); });
}

int64_t winograd_scratch(const Conv3x3& conv, int64_t tiles) {
  return kPoints * (plane_of_v(conv.in, tiles) + plane_of_u(conv.in) + kPlaneOfM);
}

}  // namespace unclip::UNCLIP_ISA
