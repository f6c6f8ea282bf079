#include "unet/resnet_block.h"

#include <ATen/ATen.h>

namespace unclip {
namespace {

// Takes its picture: the largest ones do not outlive their use.
at::Tensor resampled(at::Tensor x, Resample resample) {
  switch (resample) {
    case Resample::kDown:
      return at::avg_pool2d(x, 2);
    case Resample::kUp:
      return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    case Resample::kNone:
      break;
  }
  return x;
}

int64_t width_of_modulation(const ResnetBlockConfig& c) {
  return c.time_scale_shift == TimeScaleShift::kScaleShift ? 2 * c.out_channels : c.out_channels;
}

}  // namespace

ResnetBlockImpl::ResnetBlockImpl(const ResnetBlockConfig& c)
    : modulation_width_(width_of_modulation(c)),
      resample_(c.resample),
      time_scale_shift_(c.time_scale_shift),
      norm1(register_module("norm1", group_norm(c.norm_groups, c.in_channels, c.norm_eps))),
      conv1(register_module("conv1", conv3x3(c.in_channels, c.out_channels))),
      time_emb_proj(register_module("time_emb_proj", linear(c.time_channels, modulation_width_))),
      norm2(register_module("norm2", group_norm(c.norm_groups, c.out_channels, c.norm_eps))),
      conv2(register_module("conv2", conv3x3(c.out_channels, c.out_channels))) {
  if (c.in_channels != c.out_channels) {
    conv_shortcut = register_module("conv_shortcut", conv1x1(c.in_channels, c.out_channels));
  }
}

at::Tensor ResnetBlockImpl::modulation(const at::Tensor& time) {
  return time_emb_proj(at::silu(time));
}

int64_t ResnetBlockImpl::modulation_width() const { return modulation_width_; }

at::Tensor ResnetBlockImpl::forward(at::Tensor x, const at::Tensor& modulation) {
  auto h = norm1->then_silu(x);  // (B, C_in, H, W)
  auto skip = resampled(std::move(x), resample_);
  if (conv_shortcut) skip = conv_shortcut(skip);  // (B, C_out, H', W')
  h = conv1(resampled(std::move(h), resample_));  // (B, C_out, H', W')
  h = time_scale_shift_ == TimeScaleShift::kScaleShift
          ? norm2->then_silu(h, modulation)
          : norm2->then_silu(h + modulation.unsqueeze(-1).unsqueeze(-1));
  return conv2(h, skip);
}

}  // namespace unclip
