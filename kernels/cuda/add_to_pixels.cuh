#pragma once

#include "kernels/cuda/eight.cuh"
#include "kernels/cuda/kernels.h"

namespace unclip::kernels {

template <class T, class Block>
UNCLIP_DEVICE void add_to_pixels(const AddToPixels<T>& call, Block& block) {
  const int64_t lanes = call.channels / 8, eights = call.pixels * lanes;
  const int64_t stride = static_cast<int64_t>(block.blocks()) * block.threads();
  int64_t n = static_cast<int64_t>(block.block()) * block.threads() + block.thread();
  // The lane n % lanes, updated without a division each time.
  const int64_t turn = stride % lanes;
  int64_t lane = n % lanes;
  for (; n < eights; n += stride) {
    auto y = load_floats(call.y + n * 8);
    if (call.bias) {
      const auto bias = load_floats(call.bias + lane * 8);
      UNCLIP_UNROLL(8)
      for (int i = 0; i < 8; ++i) y[i] += bias[i];
    }
    if (call.residual) {
      const auto residual = load_floats(call.residual + n * 8);
      UNCLIP_UNROLL(8)
      for (int i = 0; i < 8; ++i) y[i] += residual[i];
    }
    store_floats(call.y + n * 8, y);
    lane += turn;
    if (lane >= lanes) lane -= lanes;
  }
}

}  // namespace unclip::kernels
