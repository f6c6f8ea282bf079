#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace unclip {

// The one place where a layer's arithmetic lives. What takes a picture's time is an operator of
// kernels/, by its name in torch's dispatcher: each device brings its own. Parameters are made but
// not filled: memory that nobody has touched costs nothing, and weights/load.h puts the
// checkpoint's own bytes in its place.

/// y = x W^T + b. x (..., in) -> (..., out)
class LinearImpl : public torch::nn::Module {
 public:
  enum class Bias { kYes, kNo };
  LinearImpl(int64_t in, int64_t out, Bias bias = Bias::kYes);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight;  // (out, in)
  at::Tensor bias;    // (out), undefined without one
};
TORCH_MODULE(Linear);

/// Square convolution. x (B, C_in, H, W) -> (B, C_out, H', W'), plus `residual` of that shape where
/// there is one.
struct ConvShape {
  int64_t in, out, kernel;
  int64_t stride = 1;
  int64_t padding = 0;
  LinearImpl::Bias bias = LinearImpl::Bias::kYes;
};
class Conv2dImpl : public torch::nn::Module {
 public:
  explicit Conv2dImpl(const ConvShape& shape);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& residual = {}) const;

 private:
  ConvShape shape_;
  at::Tensor weight;  // (C_out, C_in, kernel, kernel)
  at::Tensor bias;
};
TORCH_MODULE(Conv2d);

/// Ba et al. 2016, https://arxiv.org/abs/1607.06450. x (..., width) -> the same
class LayerNormImpl : public torch::nn::Module {
 public:
  LayerNormImpl(int64_t width, double eps);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  double eps_;
  at::Tensor weight, bias;
};
TORCH_MODULE(LayerNorm);

/// Wu & He 2018, https://arxiv.org/abs/1803.08494. x (B, C, ...) -> the same
class GroupNormImpl : public torch::nn::Module {
 public:
  GroupNormImpl(int64_t groups, int64_t channels, double eps);
  at::Tensor forward(const at::Tensor& x) const;
  /// SiLU((1 + scale) GroupNorm(x) + shift); modulation (B, 2 C) is scale, then shift, and may be
  /// left out.
  at::Tensor then_silu(const at::Tensor& x, const at::Tensor& modulation = {}) const;

 private:
  enum class Then { kNothing, kSilu };
  at::Tensor normalised(const at::Tensor& x, const at::Tensor& modulation, Then then) const;

  int64_t groups_;
  double eps_;
  at::Tensor weight, bias;
};
TORCH_MODULE(GroupNorm);

/// Rows of a table. ids (...) int64 -> (..., width)
class EmbeddingImpl : public torch::nn::Module {
 public:
  EmbeddingImpl(int64_t rows, int64_t width);
  at::Tensor forward(const at::Tensor& ids) const;

 private:
  at::Tensor weight;  // (rows, width)
};
TORCH_MODULE(Embedding);

/// Fills a place in a list that has no tensors in a checkpoint.
class IdentityImpl : public torch::nn::Module {
 public:
  at::Tensor forward(const at::Tensor& x) const { return x; }
};
TORCH_MODULE(Identity);

Linear linear(int64_t in, int64_t out);
Linear linear_without_bias(int64_t in, int64_t out);
Conv2d conv3x3(int64_t in, int64_t out);
Conv2d conv1x1(int64_t in, int64_t out);
/// Cuts a picture into patches and embeds each: stride = kernel, no bias.
Conv2d patch_embedding(int64_t in, int64_t out, int64_t patch);
LayerNorm layer_norm(int64_t width, double eps);
GroupNorm group_norm(int64_t groups, int64_t channels, double eps);
Embedding embedding(int64_t rows, int64_t width);

enum class Activation { kQuickGelu, kGelu };
/// kQuickGelu: x sigmoid(1.702 x). kGelu: x Phi(x), exact.
/// Hendrycks & Gimpel 2016, section 2, https://arxiv.org/abs/1606.08415
at::Tensor activate(const at::Tensor& x, Activation activation);

}  // namespace unclip
