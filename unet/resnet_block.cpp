#include "unet/resnet_block.h"

#include "kernels/tensor.h"

namespace unclip {
namespace {

// Takes x by value, so that a large image is freed as soon as it has been used.
at::Tensor resample(at::Tensor x, Resample how) {
  switch (how) {
    case Resample::kDown:
      return ops::avg_pool2d(x, 2);
    case Resample::kUp:
      return ops::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    case Resample::kNone:
      break;
  }
  return x;
}

int64_t width_of_modulation(const ResnetBlockConfig& c) {
  return c.time_scale_shift == TimeScaleShift::kScaleShift ? 2 * c.out_channels : c.out_channels;
}

}  // namespace

ResnetBlock::ResnetBlock(Place place, const ResnetBlockConfig& c)
    : Module(std::move(place)),
      modulation_width_(width_of_modulation(c)),
      resample_(c.resample),
      time_scale_shift_(c.time_scale_shift),
      norm1({this, "norm1"}, c.norm_groups, c.in_channels, c.norm_eps),
      conv1({this, "conv1"}, conv3x3(c.in_channels, c.out_channels)),
      time_emb_proj({this, "time_emb_proj"}, c.time_channels, modulation_width_),
      norm2({this, "norm2"}, c.norm_groups, c.out_channels, c.norm_eps),
      conv2({this, "conv2"}, conv3x3(c.out_channels, c.out_channels)) {
  if (c.in_channels != c.out_channels) {
    conv_shortcut.emplace(Place{this, "conv_shortcut"}, conv1x1(c.in_channels, c.out_channels));
  }
}

at::Tensor ResnetBlock::modulation(const at::Tensor& time) const {
  return time_emb_proj(ops::silu(time));
}

at::Tensor ResnetBlock::operator()(at::Tensor x, const at::Tensor& modulation) const {
  auto h = norm1.then_silu(x);  // (B, C_in, H, W)
  auto skip = resample(std::move(x), resample_);
  if (conv_shortcut) skip = (*conv_shortcut)(skip);  // (B, C_out, H', W')
  h = conv1(resample(std::move(h), resample_));      // (B, C_out, H', W')
  h = time_scale_shift_ == TimeScaleShift::kScaleShift
          ? norm2.then_silu(h, modulation)
          : norm2.then_silu(h + modulation.unsqueeze(-1).unsqueeze(-1));
  return conv2(h, skip);
}

}  // namespace unclip
