#pragma once

#include <immintrin.h>

#include <cstdint>

#include "kernels/cpu/kernels.h"

// Vectors of float32, as wide as in the instruction set that the file is compiled for. A source
// that includes this header is compiled once for each set, each time with another UNCLIP_ISA, and
// defines nothing outside of that namespace: an inline function shared with other sources could run
// on a processor that lacks its instructions.

namespace unclip::UNCLIP_ISA {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#else
inline constexpr int kLanes = 8;
#endif

typedef float Vec __attribute__((vector_size(kLanes * sizeof(float))));
typedef int32_t Ints __attribute__((vector_size(kLanes * sizeof(int32_t))));
typedef uint32_t Bits __attribute__((vector_size(kLanes * sizeof(uint32_t))));
typedef uint16_t Halves __attribute__((vector_size(kLanes * sizeof(uint16_t))));

// A vector in memory, at any address that is aligned for its elements.
typedef float VecInMemory
    __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
typedef uint16_t HalvesInMemory
    __attribute__((vector_size(kLanes * sizeof(uint16_t)), aligned(2), may_alias));

inline Vec broadcast(float value) { return value - Vec{}; }

inline Vec load(const float* p) { return *reinterpret_cast<const VecInMemory*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<VecInMemory*>(p) = v; }

/// bfloat16 is float32's upper half.
struct BFloat16 {
  uint16_t bits;
};

struct Float16 {
  uint16_t bits;
};

inline float value(float x) { return x; }
inline float value(BFloat16 x) {
  return __builtin_bit_cast(float, static_cast<uint32_t>(x.bits) << 16);
}

inline float value(Float16 x) { return _cvtsh_ss(x.bits); }

#if defined(__AVX512F__)
inline constexpr __mmask16 kEveryLane = 0xffff;  // GCC 12 warns of what its own headers do without
#endif

inline Vec load(const Float16* p) {
  const auto halves = *reinterpret_cast<const HalvesInMemory*>(p);
#if defined(__AVX512F__)
  return (Vec)_mm512_maskz_cvtph_ps(kEveryLane, (__m256i)halves);
#else
  return (Vec)_mm256_cvtph_ps((__m128i)halves);
#endif
}

/// The same for float16.
inline void store(Float16* p, Vec v) {
#if defined(__AVX512F__)
  const auto halves =
      (Halves)_mm512_maskz_cvtps_ph(kEveryLane, (__m512)v, _MM_FROUND_TO_NEAREST_INT);
#else
  const auto halves = (Halves)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT);
#endif
  *reinterpret_cast<HalvesInMemory*>(p) = halves;
}

inline Vec load(const BFloat16* p) {
  const auto halves = *reinterpret_cast<const HalvesInMemory*>(p);
#if defined(__AVX512F__)
  return (Vec)(__builtin_convertvector(halves, Bits) << 16);
#else
  return (Vec)((Bits)_mm256_cvtepu16_epi32((__m128i)halves) << 16);
#endif
}

/// Rounds to the nearest, ties to even; NaN stays NaN.
inline void store(BFloat16* p, Vec v) {
  const Bits bits = (Bits)v;
  const Bits rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Bits kept = v == v ? rounded : Bits{} + 0x7fc0;
  *reinterpret_cast<HalvesInMemory*>(p) = __builtin_convertvector(kept, Halves);
}

/// Calls work(number) with a number of the storage's type.
template <class Work>
inline void with_number(kernels::Storage storage, const Work& work) {
  switch (storage) {
    case kernels::Storage::kFloat32:
      return work(float());
    case kernels::Storage::kBFloat16:
      return work(BFloat16());
    case kernels::Storage::kFloat16:
      return work(Float16());
  }
}

/// Loads the first `count` numbers, followed by zeros; half a vector is the fast case.
template <class T>
inline Vec load_some(const T* p, int64_t count) {
  if (count >= kLanes) return load(p);
  T lanes[kLanes] = {};
  if (count == kLanes / 2) {
    __builtin_memcpy(lanes, p, sizeof lanes / 2);
  } else {
    for (int64_t i = 0; i < count; ++i) lanes[i] = p[i];
  }
  return load(lanes);
}

/// Stores the first `count` lanes.
template <class T>
inline void store_some(T* p, Vec v, int64_t count) {
  if (count >= kLanes) return store(p, v);
  T lanes[kLanes];
  store(lanes, v);
  if (count == kLanes / 2) {
    __builtin_memcpy(p, lanes, sizeof lanes / 2);
  } else {
    for (int64_t i = 0; i < count; ++i) p[i] = lanes[i];
  }
}

/// e^x within 2 units in the last place; x is clamped to [-87, 88].
/// x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor series to r^7.
inline Vec exp(Vec x) {
  x = x < -87.0f ? broadcast(-87.0f) : x;
  x = x > 88.0f ? broadcast(88.0f) : x;
  const Vec kRound = broadcast(0x1.8p23f);  // adding it rounds to a whole number
  const Vec n = (x * 0x1.715476p0f + kRound) - kRound;
  Vec r =
      x - n * 0x1.62e4p-1f;  // ln 2 in two parts: the first has few bits, so n times it is exact
  r = r - n * 0x1.7f7d1cp-20f;
  Vec p = broadcast(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Ints exponent = __builtin_convertvector(n, Ints) + 127;
  return p * (Vec)(exponent << 23);
}

/// x / (1 + e^-x). Elfwing et al. 2017, https://arxiv.org/abs/1702.03118
inline Vec silu(Vec x) { return x / (1.0f + exp(-x)); }

/// 0, 1, ... kLanes - 1 as template arguments.
template <int... kLane>
struct Lanes {};
#if defined(__AVX512F__)
using AllLanes = Lanes<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>;
#else
using AllLanes = Lanes<0, 1, 2, 3, 4, 5, 6, 7>;
#endif

/// The sum of all lanes: adds half of them to the other half until one is left.
template <int kStep, int... kLane>
inline Vec add_across(Vec v, Lanes<kLane...> lanes) {
  if constexpr (kStep == 0) {
    return v;
  } else {
    constexpr Ints kOther = {(kLane ^ kStep)...};
    return add_across<kStep / 2>(v + __builtin_shuffle(v, kOther), lanes);
  }
}

inline float sum(Vec v) { return add_across<kLanes / 2>(v, AllLanes())[0]; }

/// Exchanges the two blocks of kStep x kStep numbers off the diagonal of each block twice as large.
template <int kStep, int... kLane>
inline void exchange(Vec& a, Vec& b, Lanes<kLane...>) {
  constexpr Ints kLow = {((kLane & kStep) != 0 ? kLanes + kLane - kStep : kLane)...};
  constexpr Ints kHigh = {((kLane & kStep) != 0 ? kLanes + kLane : kLane + kStep)...};
  const Vec low = __builtin_shuffle(a, b, kLow);
  b = __builtin_shuffle(a, b, kHigh);
  a = low;
}

template <int kStep>
inline void exchange_all(Vec* rows) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) {
    if ((i & kStep) == 0) exchange<kStep>(rows[i], rows[i + kStep], AllLanes());
  }
}

/// Transposes kLanes rows of kLanes numbers.
inline void transpose(Vec* rows) {
  exchange_all<1>(rows);
  exchange_all<2>(rows);
  exchange_all<4>(rows);
  if constexpr (kLanes == 16) exchange_all<8>(rows);
}

}  // namespace unclip::UNCLIP_ISA
