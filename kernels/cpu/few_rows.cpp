#include "kernels/cpu/few_rows.h"

#include "kernels/cpu/vec.h"

// The product of a few rows with a large matrix: the time is that of reading the matrix once, so
// the matrix is read in its own order and type, a few of its rows in parallel.

namespace unclip::UNCLIP_ISA {
namespace {

using kernels::FewRows;

// Rows at once.
#if defined(__AVX512F__)
constexpr int kGroup = 8;
#else
constexpr int kGroup = 4;
#endif
constexpr int kUnit = 12;                // a multiple of every kOuts below
constexpr int64_t kCached = 256 * 1024;  // bytes of weights between one group and the next

template <class T>
void put(T* p, float v) {
  T lanes[kLanes];
  store(lanes, broadcast(v));
  *p = lanes[0];
}

template <int kRows, int kOuts, class T>
void multiply(const FewRows& args, int64_t first) {
  const int64_t in = args.in;
  const T* weight = static_cast<const T*>(args.weight) + first * in;
  Vec sums[kRows][kOuts] = {};
  int64_t k = 0;
  const auto add = [&](int64_t at) {
    Vec w[kOuts];
#pragma GCC unroll 8
    for (int o = 0; o < kOuts; ++o) w[o] = load(weight + o * in + at);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vec x = load(args.x + r * in + at);
#pragma GCC unroll 8
      for (int o = 0; o < kOuts; ++o) sums[r][o] += x * w[o];
    }
  };
  // Numbers at a time: a line of the cache; two vectors of AVX-512 at a time do not fit in the
  // registers.
#if defined(__AVX512F__)
  constexpr int kStep = kLanes;
#else
  constexpr int kStep = 64 / static_cast<int>(sizeof(T));
#endif
  for (; k + kStep <= in; k += kStep) {
    // Prefetches what the next call reads: a row is hardly longer than a page, at whose end the
    // processor's own prefetching stops.
#pragma GCC unroll 8
    for (int o = 0; o < kOuts; ++o) __builtin_prefetch(weight + (kOuts + o) * in + k);
#pragma GCC unroll 8
    for (int i = 0; i < kStep; i += kLanes) add(k + i);
  }
  for (; k + kLanes <= in; k += kLanes) add(k);
  const T* bias = static_cast<const T*>(args.bias);
  for (int r = 0; r < kRows; ++r) {
    for (int o = 0; o < kOuts; ++o) {
      float total = sum(sums[r][o]);
      for (int64_t i = k; i < in; ++i) total += args.x[r * in + i] * value(weight[o * in + i]);
      if (bias != nullptr) total += value(bias[first + o]);
      put(static_cast<T*>(args.y) + r * args.out + first + o, total);
    }
  }
}

template <int kRows, class T>
void multiply_range(const FewRows& args, int64_t begin, int64_t end) {
#if defined(__AVX512F__)
  constexpr int kOuts = kRows <= 4 ? 6 : kRows <= 6 ? 4 : 3;  // their sums fill the registers
#else
  constexpr int kOuts = 3;
#endif
  int64_t o = begin;
  for (; o + kOuts <= end; o += kOuts) multiply<kRows, kOuts, T>(args, o);
  for (; o < end; ++o) multiply<kRows, 1, T>(args, o);
}

using MultiplyRange = void (*)(const FewRows&, int64_t begin, int64_t end);
template <class T, int... kRows>
struct RangeKernels {
  MultiplyRange of[sizeof...(kRows)] = {multiply_range<kRows, T>...};
};
#if defined(__AVX512F__)
template <class T>
constexpr RangeKernels<T, 1, 2, 3, 4, 5, 6, 7, 8> kRangeKernels;
#else
template <class T>
constexpr RangeKernels<T, 1, 2, 3, 4> kRangeKernels;
#endif
static_assert(sizeof(kRangeKernels<float>.of) / sizeof(MultiplyRange) == kGroup);

template <class T>
void multiply_all(const FewRows& args, int64_t begin, int64_t end) {
  // The weights that the next group of rows reads are still in the cache.
  const int64_t cached = kCached / (args.in * static_cast<int64_t>(sizeof(T))) / kUnit * kUnit;
  const int64_t outs = args.rows <= kGroup ? end - begin : cached < kUnit ? kUnit : cached;
  for (int64_t first = begin; first < end; first += outs) {
    const int64_t last = end < first + outs ? end : first + outs;
    for (int64_t r = 0; r < args.rows; r += kGroup) {
      FewRows group = args;
      group.rows = args.rows - r < kGroup ? args.rows - r : kGroup;
      group.x = args.x + r * args.in;
      group.y = static_cast<T*>(args.y) + r * args.out;
      kRangeKernels<T>.of[group.rows - 1](group, first, last);
    }
  }
}

}  // namespace

void few_rows(const FewRows& args, int64_t begin, int64_t end) {
  with_number(args.storage, [&](auto number) { multiply_all<decltype(number)>(args, begin, end); });
}

}  // namespace unclip::UNCLIP_ISA
