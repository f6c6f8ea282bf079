#include "vae/vae_blocks.h"

#include "kernels/tensor.h"
#include "nn/attention.h"

namespace unclip {
namespace {

// The published networks use this value; their configs do not name it.
constexpr double kEps = 1e-6;

const char* norm_name(VaeNorm norm) {
  return norm == VaeNorm::kGroup ? "group_norm" : "spatial_norm";
}

}  // namespace

VaeNormalisation::VaeNormalisation(Place place, const VaeBlockShape& shape, int64_t channels) {
  if (shape.norm == VaeNorm::kGroup) {
    group_.emplace(std::move(place), shape.norm_groups, channels, kEps);
  } else {
    spatial_.emplace(std::move(place), SpatialNorm::Shape{.groups = kSpatialGroups,
                                                          .channels = channels,
                                                          .z_channels = shape.latent_channels,
                                                          .eps = kEps});
  }
}

at::Tensor VaeNormalisation::operator()(const at::Tensor& x, const at::Tensor& z) const {
  return group_ ? (*group_)(x) : (*spatial_)(x, z);
}

at::Tensor VaeNormalisation::then_silu(const at::Tensor& x, const at::Tensor& z) const {
  return group_ ? group_->then_silu(x) : spatial_->then_silu(x, z);
}

VaeResnetBlock::VaeResnetBlock(Place place, const VaeBlockShape& shape, int64_t in_channels,
                               int64_t out_channels)
    : Module(std::move(place)),
      norm1({this, "norm1"}, shape, in_channels),
      conv1({this, "conv1"}, conv3x3(in_channels, out_channels)),
      norm2({this, "norm2"}, shape, out_channels),
      conv2({this, "conv2"}, conv3x3(out_channels, out_channels)) {
  if (in_channels != out_channels) {
    conv_shortcut.emplace(Place{this, "conv_shortcut"}, conv1x1(in_channels, out_channels));
  }
}

at::Tensor VaeResnetBlock::operator()(const at::Tensor& x, const at::Tensor& z) const {
  const auto h = conv1(norm1.then_silu(x, z));  // (B, C_out, H, W)
  const auto skip = conv_shortcut ? (*conv_shortcut)(x) : x;
  return conv2(norm2.then_silu(h, z), skip);
}

VaeAttention::VaeAttention(Place place, const VaeBlockShape& shape, int64_t channels)
    : Module(std::move(place)),
      norm({this, norm_name(shape.norm)}, shape, channels),
      to_q({this, "to_q"}, channels, channels),
      to_k({this, "to_k"}, channels, channels),
      to_v({this, "to_v"}, channels, channels),
      to_out({this, "to_out"}) {
  to_out.add(channels, channels);
}

at::Tensor VaeAttention::operator()(const at::Tensor& x, const at::Tensor& z) const {
  constexpr int64_t kHeads = 1;
  const auto pixels = norm(x, z).flatten(2).transpose(1, 2);  // (B, S, C)
  const auto q = split_heads(to_q(pixels), kHeads);           // (B, 1, S, C)
  const auto k = split_heads(to_k(pixels), kHeads);
  const auto v = split_heads(to_v(pixels), kHeads);
  const auto h = to_out[0](merge_heads(attention(q, k, v)));  // (B, S, C)
  return x + h.transpose(1, 2).reshape(x.sizes());            // (B, C, H, W)
}

VaeMidBlock::VaeMidBlock(Place place, const VaeBlockShape& shape, int64_t channels, bool attends)
    : Module(std::move(place)), attentions({this, "attentions"}), resnets({this, "resnets"}) {
  if (attends) attentions.add(shape, channels);
  for (int i = 0; i < 2; ++i) resnets.add(shape, channels, channels);
}

at::Tensor VaeMidBlock::operator()(at::Tensor x, const at::Tensor& z) const {
  x = resnets[0](x, z);
  if (!attentions.empty()) x = attentions[0](x, z);
  return resnets[1](x, z);
}

}  // namespace unclip
