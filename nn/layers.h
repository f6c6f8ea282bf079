#pragma once

#include "nn/module.h"

namespace unclip {

// The layers of the networks. Convolutions, linear layers and group normalisations call operators
// of kernels/ by their names in torch's dispatcher, so each device runs its own code. Parameters
// are constructed without values: untouched memory costs nothing, and weights/load.h replaces it
// with the checkpoint's bytes.

enum class Bias { kYes, kNo };

/// y = x W^T + b. x (..., in) -> (..., out)
class Linear : public Module {
 public:
  Linear(Place place, int64_t in, int64_t out, Bias bias = Bias::kYes);
  at::Tensor operator()(const at::Tensor& x) const;
  at::ScalarType scalar_type() const { return weight.scalar_type(); }

 private:
  at::Tensor weight;  // (out, in)
  at::Tensor bias;    // (out); undefined if there is none
};

/// Sizes of a convolution with a square kernel. `in` and `out` are channels.
struct ConvShape {
  int64_t in, out, kernel;
  int64_t stride = 1;
  int64_t padding = 0;        // zeros on each side
  int64_t padding_after = 0;  // further zeros, only on the right and below
  Bias bias = Bias::kYes;
};
ConvShape conv3x3(int64_t in, int64_t out);
ConvShape conv1x1(int64_t in, int64_t out);
/// A 3x3 convolution that halves the image, with one column of zeros on the right and one row
/// below, as the encoders of autoencoders have it.
ConvShape halving_conv3x3(int64_t in, int64_t out);
/// A convolution that cuts an image into patches and embeds each: its stride is the kernel's size,
/// and it has no bias.
ConvShape patch_embedding(int64_t in, int64_t out, int64_t patch);

/// x (B, C_in, H, W) -> (B, C_out, H', W'), plus `residual` of that shape if it is defined.
class Conv2d : public Module {
 public:
  Conv2d(Place place, const ConvShape& shape);
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& residual = {}) const;

 private:
  ConvShape shape_;
  at::Tensor weight;  // (C_out, C_in, kernel, kernel)
  at::Tensor bias;    // (C_out); undefined if there is none
};

/// Layer normalisation. Ba et al. 2016, https://arxiv.org/abs/1607.06450. x (..., width) -> the
/// same
class LayerNorm : public Module {
 public:
  LayerNorm(Place place, int64_t width, double eps);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  double eps_;
  at::Tensor weight, bias;
};

/// Group normalisation. Wu & He 2018, https://arxiv.org/abs/1803.08494. x (B, C, ...) -> the same
class GroupNorm : public Module {
 public:
  GroupNorm(Place place, int64_t groups, int64_t channels, double eps);
  at::Tensor operator()(const at::Tensor& x) const;
  /// SiLU((1 + scale) GroupNorm(x) + shift). modulation (B, 2 C) is scale, then shift; if it is
  /// undefined, both are 0.
  at::Tensor then_silu(const at::Tensor& x, const at::Tensor& modulation = {}) const;

 private:
  enum class Then { kNothing, kSilu };
  at::Tensor normalise(const at::Tensor& x, const at::Tensor& modulation, Then then) const;

  int64_t groups_;
  double eps_;
  at::Tensor weight, bias;
};

/// A table of vectors: ids (...) int64 -> its rows (..., width)
class Embedding : public Module {
 public:
  Embedding(Place place, int64_t rows, int64_t width);
  at::Tensor operator()(const at::Tensor& ids) const;

 private:
  at::Tensor weight;  // (rows, width)
};

enum class Activation { kQuickGelu, kGelu };
/// kQuickGelu: x sigmoid(1.702 x). kGelu: x Phi(x), exact.
/// Hendrycks & Gimpel 2016, section 2, https://arxiv.org/abs/1606.08415
at::Tensor activate(const at::Tensor& x, Activation activation);

}  // namespace unclip
