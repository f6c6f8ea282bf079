#pragma once

#include <cmath>

#include "kernels/cuda/eight.cuh"
#include "kernels/cuda/kernels.h"

// Group normalisation, Wu & He 2018, https://arxiv.org/abs/1803.08494. Each block reads its part of
// an image, keeps what it can in shared memory, and passes its sums to the other blocks of the
// image; when all have done so, it normalises its part. All sums are in a fixed order.

namespace unclip::kernels {

UNCLIP_DEVICE float silu(float v) {
#ifdef __CUDA_ARCH__
  // The relative error is about 2^-21, and larger only if the result is close to 0.
  return __fdividef(v, 1 + __expf(-v));
#else
  return v / (1 + std::exp(-v));
#endif
}

struct alignas(8) Moments {
  float sum, square;
};

/// The work of one thread. It handles eight channels of the pixels `row`, `row + rows`, ... of its
/// block's part.
template <class T, class Block>
class GroupNormThread {
 public:
  UNCLIP_DEVICE GroupNormThread(const GroupNorm<T>& call, Block& block)
      : call_(call),
        plan_(call.plan),
        block_(block),
        channel_(block.thread() % (call.channels / 8) * 8),
        row_(block.thread() / (call.channels / 8)),
        works_(row_ < call.plan.rows),
        group_size_(call.channels / call.groups),
        picture_(block.block() / call.plan.parts) {
    const int part = block.block() % plan_.parts;
    const int64_t begin = call.pixels * part / plan_.parts;
    pixels_ = static_cast<int>(call.pixels * (part + 1) / plan_.parts - begin);
    offset_ = (picture_ * call.pixels + begin) * call.channels + channel_;
    // The same layout as group_norm_plan computed.
    row_sums_ = static_cast<float*>(block.shared());
    group_sums_ = row_sums_ + plan_.rows * call.channels;
    group_squares_ = group_sums_ + call.groups * plan_.slices;
    slab_ = reinterpret_cast<Eight<T>*>(row_sums_ + plan_.rows * call.channels +
                                        (2 * call.groups * plan_.slices + 3) / 4 * 4) +
            channel_ / 8;
  }

  /// Reads the part and writes its sums to the workspace. They are sums of the distance from the
  /// group's first number, because squares of numbers far from 0 would hide the deviation.
  UNCLIP_DEVICE void read_part() {
    Floats sum = {}, square = {};
    if (works_) {
      Floats pivot;
      UNCLIP_UNROLL(8)
      for (int i = 0; i < 8; ++i) pivot[i] = pivot_of((channel_ + i) / group_size_);
      visit_pixels(row_, [&](int s, const Eight<T>& eight) {
        if (s < plan_.kept) kept(s) = eight;
        const auto x = to_floats(eight);
        UNCLIP_UNROLL(8)
        for (int i = 0; i < 8; ++i) {
          const float d = x[i] - pivot[i];
          sum[i] += d;
          square[i] += d * d;
        }
      });
    }
    add_to_groups(sum, group_sums_);
    add_to_groups(square, group_squares_);
    Moments* const partial = moments(block_.block());
    for (int g = block_.thread(); g < call_.groups; g += block_.threads()) {
      partial[g] = add_slices(g);
    }
  }

  /// Computes each group's mean and 1 / deviation from the sums of all parts, and stores them in
  /// place of its first slice.
  UNCLIP_DEVICE void add_up_picture() {
    for (int w = block_.thread(); w < call_.groups * plan_.slices; w += block_.threads()) {
      const int g = w % call_.groups, slice = w / call_.groups;
      Moments total = {};
      UNCLIP_UNROLL(4)
      for (int part = slice; part < plan_.parts; part += plan_.slices) {
        const Moments m = moments(picture_ * plan_.parts + part)[g];
        total.sum += m.sum;
        total.square += m.square;
      }
      group_sums_[g * plan_.slices + slice] = total.sum;
      group_squares_[g * plan_.slices + slice] = total.square;
    }
    block_.sync();
    for (int g = block_.thread(); g < call_.groups; g += block_.threads()) {
      const Moments total = add_slices(g);
      const float count = static_cast<float>(call_.pixels * group_size_);
      const float distance = total.sum / count;  // of the mean from the pivot
      const float variance = total.square / count - distance * distance;
      // Rounding may result in less than 0; NaN is kept.
      const float clamped = variance < 0 ? 0 : variance;
      group_sums_[g * plan_.slices] = pivot_of(g) + distance;
      group_squares_[g * plan_.slices] = 1 / std::sqrt(clamped + call_.eps);
    }
    block_.sync();
  }

  UNCLIP_DEVICE void write_part() {
    if (!works_) return;
    // y = act((x - mean) factor + shift)
    Floats mean, factor = load_floats(call_.weight + channel_);
    Floats shift = load_floats(call_.bias + channel_);
    UNCLIP_UNROLL(8)
    for (int i = 0; i < 8; ++i) {
      const int g = (channel_ + i) / group_size_ * plan_.slices;
      mean[i] = group_sums_[g];
      factor[i] *= group_squares_[g];
    }
    if (call_.modulation) modulate(factor, shift);
    const auto write = [&](int s, const Eight<T>& eight) {
      auto v = to_floats(eight);
      UNCLIP_UNROLL(8)
      for (int i = 0; i < 8; ++i) v[i] = (v[i] - mean[i]) * factor[i] + shift[i];
      if (call_.silu) {
        UNCLIP_UNROLL(8)
        for (int i = 0; i < 8; ++i) v[i] = silu(v[i]);
      }
      store_floats(at(call_.y, s), v);
    };
    const int all_kept = plan_.kept < pixels_ ? plan_.kept : pixels_;
    // Pixels that were read last may still be in the cache, so they come before those kept in
    // shared memory.
    visit_pixels(all_kept + row_, write);
    for (int s = row_; s < all_kept; s += plan_.rows) {
      const Eight<T> eight = kept(s);  // as a whole, or nvcc reads its words one by one
      write(s, eight);
    }
  }

 private:
  /// Calls visit(s, eight) for this thread's pixels from `first` on. It loads 64 bytes at once:
  /// four pixels, or two of float, whose sums leave no registers for more.
  template <class Visit>
  UNCLIP_DEVICE void visit_pixels(int first, Visit visit) {
    constexpr int kAtOnce = 64 / sizeof(Eight<T>);
    for (int s = first; s < pixels_; s += kAtOnce * plan_.rows) {
      Eight<T> eights[kAtOnce] = {};
      UNCLIP_UNROLL(kAtOnce)
      for (int n = 0; n < kAtOnce; ++n) {
        const int pixel = s + n * plan_.rows;
        if (pixel < pixels_) eights[n] = load(at(call_.x, pixel));
      }
      UNCLIP_UNROLL(kAtOnce)
      for (int n = 0; n < kAtOnce; ++n) {
        const int pixel = s + n * plan_.rows;
        if (pixel < pixels_) visit(pixel, eights[n]);
      }
    }
  }

  UNCLIP_DEVICE Eight<T>& kept(int s) const { return slab_[s * (call_.channels / 8)]; }

  /// This thread's channels of the part's pixel s
  template <class U>
  UNCLIP_DEVICE U* at(U* tensor, int s) const {
    return tensor + offset_ + static_cast<int64_t>(s) * call_.channels;
  }

  /// Adds up one number per channel and row to `slices` numbers per group.
  UNCLIP_DEVICE void add_to_groups(const Floats& values, float* group_values) {
    if (works_) store_floats(row_sums_ + row_ * call_.channels + channel_, values);
    block_.sync();
    for (int w = block_.thread(); w < call_.groups * plan_.slices; w += block_.threads()) {
      const float* const group = row_sums_ + w / plan_.slices * group_size_;
      float total = 0;
      for (int k = w % plan_.slices; k < plan_.rows * group_size_; k += plan_.slices) {
        total += group[k / group_size_ * call_.channels + k % group_size_];
      }
      group_values[w] = total;
    }
    block_.sync();
  }

  UNCLIP_DEVICE Moments add_slices(int g) const {
    Moments total = {};
    for (int w = g * plan_.slices; w < (g + 1) * plan_.slices; ++w) {
      total.sum += group_sums_[w];
      total.square += group_squares_[w];
    }
    return total;
  }

  UNCLIP_DEVICE void modulate(Floats& factor, Floats& shift) const {
    const T* const modulation = call_.modulation + picture_ * call_.modulation_stride + channel_;
    const auto scale = load_floats(modulation), more = load_floats(modulation + call_.channels);
    UNCLIP_UNROLL(8)
    for (int i = 0; i < 8; ++i) {
      factor[i] *= 1 + scale[i];
      shift[i] = shift[i] * (1 + scale[i]) + more[i];
    }
  }

  UNCLIP_DEVICE float pivot_of(int g) const {
    return static_cast<float>(call_.x[picture_ * call_.pixels * call_.channels + g * group_size_]);
  }

  /// A block's sums, (G)
  UNCLIP_DEVICE Moments* moments(int64_t block) const {
    return reinterpret_cast<Moments*>(call_.workspace) + block * call_.groups;
  }

  const GroupNorm<T>& call_;
  const GroupNormPlan& plan_;
  Block& block_;
  const int channel_, row_;
  const bool works_;  // the last threads of a block may have no work
  const int group_size_;
  const int64_t picture_;
  int pixels_;      // of the part
  int64_t offset_;  // of the part's first pixel, in numbers
  // In shared memory:
  float* row_sums_;                     // (rows, C)
  float *group_sums_, *group_squares_;  // (G, slices)
  Eight<T>* slab_;                      // (kept, C)
};

template <class T, class Block>
UNCLIP_DEVICE void group_norm(const GroupNorm<T>& call, Block& block) {
  GroupNormThread<T, Block> thread(call, block);
  thread.read_part();
  if (call.plan.parts == 1) {
    block.sync();
  } else {
    block.sync_grid();
  }
  thread.add_up_picture();
  thread.write_part();
}

}  // namespace unclip::kernels
