#pragma once

#include <cmath>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/kernels.h"

// The arithmetic of a step of a sampling run; each operation is one pass. A thread has one element
// at a time.

namespace unclip::kernels {

struct Position {
  int64_t b, c, h, w;
};

UNCLIP_DEVICE int64_t offset(const int64_t (&strides)[4], const Position& at) {
  return at.b * strides[0] + at.c * strides[1] + at.h * strides[2] + at.w * strides[3];
}
UNCLIP_DEVICE float value(const Strided& x, const Position& at) {
  return x.data[offset(x.strides, at)];
}
UNCLIP_DEVICE float& value(const StridedOut& x, const Position& at) {
  return x.data[offset(x.strides, at)];
}

/// Calls visit(position) for this thread's elements.
template <class Block, class Visit>
UNCLIP_DEVICE void visit_elements(const int64_t (&sizes)[4], Block& block, Visit visit) {
  const int64_t elements = sizes[0] * sizes[1] * sizes[2] * sizes[3];
  const int64_t stride = static_cast<int64_t>(block.blocks()) * block.threads();
  int64_t n = static_cast<int64_t>(block.block()) * block.threads() + block.thread();
  for (; n < elements; n += stride) {
    const int64_t rows = n / sizes[3], planes = rows / sizes[2];
    visit(Position{planes / sizes[1], planes % sizes[1], rows % sizes[2], n % sizes[3]});
  }
}

// Ho & Salimans 2022, eq. 6, https://arxiv.org/abs/2207.12598, with scale = 1 + w.
template <class Block>
UNCLIP_DEVICE void guide(const Guide& call, Block& block) {
  visit_elements(call.sizes, block, [&](const Position& at) {
    const float c = value(call.both, {at.b + call.sizes[0], at.c, at.h, at.w});
    if (at.c < call.channels) {
      const float u = value(call.both, at);
      value(call.out, at) = u + call.scale * (c - u);
    } else {
      value(call.out, at) = c;
    }
  });
}

// Ho et al. 2020, eq. 15, https://arxiv.org/abs/2006.11239, or the corresponding formula of another
// prediction type.
template <class Block>
UNCLIP_DEVICE void predict_x0(const PredictX0& call, Block& block) {
  visit_elements(call.sizes, block, [&](const Position& at) {
    const float x_0 = (call.x_t_factor * value(call.x_t, at) +
                       call.prediction_factor * value(call.prediction, at)) /
                      call.divisor;
    // NaN is neither above nor below, so it is kept.
    value(call.x_0, at) = x_0 < -call.clip ? -call.clip : x_0 > call.clip ? call.clip : x_0;
  });
}

// Ho et al. 2020, eqs. 6 and 7, https://arxiv.org/abs/2006.11239; a variance that the network
// predicts: Nichol & Dhariwal 2021, eq. 15, https://arxiv.org/abs/2102.09672.
template <class Block>
UNCLIP_DEVICE void ancestral_step(const AncestralStep& call, Block& block) {
  visit_elements(call.sizes, block, [&](const Position& at) {
    float x_s = call.x_0_factor * value(call.x_0, at) + call.x_t_factor * value(call.x_t, at);
    if (call.noise.data) {
      float deviation = call.deviation;
      if (call.f.data) {
        const float part = (value(call.f, at) + 1) / 2;
        deviation = std::exp(0.5F * (part * call.log_largest + (1 - part) * call.log_smallest));
      }
      x_s += deviation * value(call.noise, at);
    }
    value(call.x_s, at) = x_s;
  });
}

}  // namespace unclip::kernels
