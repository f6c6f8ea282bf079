#pragma once

#include "kernels/cpu/vec.h"

// The micro-kernel that Winograd's convolution and the product of matrices share.

namespace unclip::UNCLIP_ISA {

// Its sums, kRows x 2 vectors, nearly fill the registers.
#if defined(__AVX512F__)
inline constexpr int kRows = 14;
#else
inline constexpr int kRows = 6;
#endif
inline constexpr int kChunk = 2 * kLanes;  // columns at once

constexpr int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The rows of a matrix, each `step` numbers after the one before.
struct ConstRows {
  const float* first;
  int64_t step;
};
struct Rows {
  float* first;
  int64_t step;
};

/// c (R, kChunk) = a (R, K) b (K, kChunk) + bias, with b dense; without a bias, bias is 0.
template <int R>
void multiply_rows(const ConstRows& a, const float* b, int64_t length, const float* bias,
                   const Rows& c) {
  const Vec first = bias == nullptr ? Vec{} : load(bias);
  const Vec second = bias == nullptr ? Vec{} : load(bias + kLanes);
  Vec sums[R][2];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    sums[r][0] = first;
    sums[r][1] = second;
  }
  for (int64_t k = 0; k < length; ++k) {
    const Vec b0 = load(b + k * kChunk), b1 = load(b + k * kChunk + kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const Vec value = broadcast(a.first[r * a.step + k]);
      sums[r][0] += value * b0;
      sums[r][1] += value * b1;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    store(c.first + r * c.step, sums[r][0]);
    store(c.first + r * c.step + kLanes, sums[r][1]);
  }
}

using MultiplyRows = void (*)(const ConstRows&, const float*, int64_t, const float*, const Rows&);
template <int... R>
struct RowKernels {
  MultiplyRows of[sizeof...(R)] = {multiply_rows<R + 1>...};
};
#if defined(__AVX512F__)
inline constexpr RowKernels<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13> kRowKernels;
#else
inline constexpr RowKernels<0, 1, 2, 3, 4, 5> kRowKernels;
#endif
static_assert(sizeof(kRowKernels.of) / sizeof(kRowKernels.of[0]) == kRows);

/// The same for any number of rows, in groups of about equal size: a group of one row would read as
/// much of b as a group of fourteen.
inline void multiply(ConstRows a, int64_t rows, const float* b, int64_t length, const float* bias,
                     Rows c) {
  for (int64_t groups = divided_up(rows, kRows); groups > 0; --groups) {
    const int64_t n = divided_up(rows, groups);
    kRowKernels.of[n - 1](a, b, length, bias, c);
    a.first += n * a.step;
    c.first += n * c.step;
    rows -= n;
  }
}

/// Copies the rows [first, first + kChunk) of a dense matrix (rows, length) to the layout of b in
/// multiply: (length, kChunk), with zeros for rows that do not exist.
template <class T>
void lay_out(const T* matrix, int64_t rows, int64_t length, int64_t first, float* out) {
  for (int column = 0; column < 2; ++column) {
    const int64_t begin = first + column * kLanes;
    for (int64_t k = 0; k < length; k += kLanes) {
      const int64_t count = length - k < kLanes ? length - k : kLanes;
      Vec block[kLanes];
#pragma GCC unroll 16
      for (int r = 0; r < kLanes; ++r) {
        block[r] = begin + r >= rows ? Vec{} : load_some(matrix + (begin + r) * length + k, count);
      }
      transpose(block);
      for (int64_t i = 0; i < count; ++i) {
        store(out + (k + i) * kChunk + column * kLanes, block[i]);
      }
    }
  }
}

}  // namespace unclip::UNCLIP_ISA
