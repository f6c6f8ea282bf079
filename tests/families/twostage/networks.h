#pragma once

#include <ATen/ATen.h>

#include "base/config.h"
#include "nn/layers.h"

namespace unclip::testing::twostage {

/// prior/config.json
struct PriorConfig {
  int64_t embedding_dim = 0;
  static PriorConfig from(const Config& config) {
    return {config.require<int64_t>("embedding_dim")};
  }
};

/// x_t (B, D) and a text embedding (B, D) -> the predicted x_0 (B, D).
class Prior : public Module {
 public:
  explicit Prior(const PriorConfig& c)
      : from_text({this, "from_text"}, c.embedding_dim, c.embedding_dim),
        from_sample({this, "from_sample"}, c.embedding_dim, c.embedding_dim) {}
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& text) const {
    const auto type = from_text.scalar_type();
    return (from_text(text.to(type)) + from_sample(x_t.to(type))).tanh().to(at::kFloat);
  }

 private:
  Linear from_text, from_sample;
};

/// unet/config.json
struct UNetConfig {
  int64_t embedding_dim = 0, sample_size = 0;
  static UNetConfig from(const Config& config) {
    return {config.require<int64_t>("embedding_dim"), config.require<int64_t>("sample_size")};
  }
};

/// x_t (B, 3, s, s) and an image embedding (B, D) -> the predicted x_0 (B, 3, s, s).
class UNet : public Module {
 public:
  explicit UNet(const UNetConfig& c)
      : conv({this, "conv"}, conv3x3(3, 3)), colour({this, "colour"}, c.embedding_dim, 3) {}
  at::Tensor forward(const at::Tensor& x_t, const at::Tensor& z) const {
    const auto type = colour.scalar_type();
    const auto tint = colour(z.to(type)).unsqueeze(-1).unsqueeze(-1);
    return (conv(x_t.to(type)) + tint).tanh().to(at::kFloat);
  }

 private:
  Conv2d conv;
  Linear colour;
};

}  // namespace unclip::testing::twostage
