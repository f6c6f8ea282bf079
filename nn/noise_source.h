#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace unclip {

/// Gaussian noise for a batch of images: row i comes from a generator of its own, seeded with
/// seeds[i], so that an image does not depend on the batch that it is made in. The generators are
/// libtorch's CPU Mersenne twisters, on every device, and a row is drawn as float32 (1, ...): the
/// same seed gives the numbers of `torch.randn(1, ...,
/// generator=torch.Generator().manual_seed(s))`.
class NoiseSource {
 public:
  explicit NoiseSource(const std::vector<uint64_t>& seeds);
  /// A copy gives the numbers that the original would give next, on its own.
  NoiseSource(const NoiseSource& other);
  NoiseSource& operator=(const NoiseSource& other);
  NoiseSource(NoiseSource&&) = default;
  NoiseSource& operator=(NoiseSource&&) = default;
  ~NoiseSource() = default;

  int64_t rows() const { return static_cast<int64_t>(generators_.size()); }

  /// A draw of `row_sizes` from every generator -> (rows, row_sizes...) float32 on the CPU.
  at::Tensor draw(at::IntArrayRef row_sizes);
  /// Moves a row's generator on, as if it had given `draws` of `row_sizes` already.
  void skip(int64_t row, int64_t draws, at::IntArrayRef row_sizes);
  /// How often draw() was called.
  int64_t draws() const { return draws_; }
  /// x (rows, ...) -> the same shape and device, float32.
  at::Tensor draw_like(const at::Tensor& x);

 private:
  std::vector<at::Generator> generators_;
  int64_t draws_ = 0;
};

}  // namespace unclip
