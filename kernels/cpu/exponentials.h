#pragma once

#include "kernels/cpu/vec.h"

namespace unclip::UNCLIP_ISA {

/// Replaces the scores (T') by e^(scale score + mask - m), where m is the largest of all scale
/// score + mask, and returns their sum. Memory is readable and writable up to a whole vector.
inline float exponentials(float* scores, int64_t count, float scale, const float* mask) {
  const auto masked = [&](int64_t t, int64_t left) {
    const Vec s = load(scores + t) * scale;
    return mask == nullptr ? s : s + load_some(mask + t, left);
  };
  // The rest of the last vector may be read and written, but its values do not count.
  const int64_t whole = count / kLanes * kLanes;
  Vec most = broadcast(-__builtin_inff());
  for (int64_t t = 0; t < count; t += kLanes) {
    const Vec s = masked(t, count - t);
    store(scores + t, s);
    if (t < whole) most = s > most ? s : most;
  }
  float highest = -__builtin_inff();
  for (int lane = 0; lane < kLanes; ++lane) highest = most[lane] > highest ? most[lane] : highest;
  for (int64_t t = whole; t < count; ++t) highest = scores[t] > highest ? scores[t] : highest;

  Vec total = {};
  float rest = 0;
  for (int64_t t = 0; t < count; t += kLanes) {
    const Vec e = exp(load(scores + t) - highest);
    store(scores + t, e);
    if (t < whole) total += e;
  }
  for (int64_t t = whole; t < count; ++t) rest += scores[t];
  return sum(total) + rest;
}

}  // namespace unclip::UNCLIP_ISA
