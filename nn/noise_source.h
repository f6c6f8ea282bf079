#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace unclip {

/// Gaussian noise for a batch of images: row i comes from its own generator, seeded with seeds[i],
/// so that an image does not depend on the batch in which it is made. On every device the
/// generators are libtorch's CPU Mersenne twisters, and a row is drawn as float32 (1, ...): a seed
/// s gives the numbers of `torch.randn(1, ..., generator=torch.Generator().manual_seed(s))`.
class NoiseSource {
 public:
  explicit NoiseSource(const std::vector<uint64_t>& seeds);
  /// A copy continues with the same numbers as the original, independently of it.
  NoiseSource(const NoiseSource& other);
  NoiseSource& operator=(const NoiseSource& other);
  NoiseSource(NoiseSource&&) = default;
  NoiseSource& operator=(NoiseSource&&) = default;
  ~NoiseSource() = default;

  int64_t rows() const { return static_cast<int64_t>(generators_.size()); }

  /// Draws `row_sizes` from every generator -> (rows, row_sizes...) float32 on the CPU.
  at::Tensor draw(at::IntArrayRef row_sizes);
  /// Advances a row's generator by `draws` draws of `row_sizes`.
  void skip(int64_t row, int64_t draws, at::IntArrayRef row_sizes);
  /// The number of calls of draw() and draw_like().
  int64_t draws() const { return draws_; }
  /// Draws noise of the shape and on the device of x (rows, ...), float32.
  at::Tensor draw_like(const at::Tensor& x);

 private:
  std::vector<at::Generator> generators_;
  int64_t draws_ = 0;
};

}  // namespace unclip
