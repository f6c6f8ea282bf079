#pragma once

#include <map>

#include "unet/unet_config.h"

namespace unclip {

enum class Resample { kNone, kDown, kUp };

struct ResnetBlockConfig {
  int64_t in_channels;
  int64_t out_channels;
  int64_t time_channels;
  int64_t norm_groups;
  double norm_eps;
  TimeScaleShift time_scale_shift;
  Resample resample = Resample::kNone;
};

/// Residual block of the U-Net: two 3x3 convolutions under the timestep. Where it is kScaleShift,
/// the timestep scales and shifts the second group normalisation,
///   AdaGN(h, t) = (1 + scale(t)) GroupNorm(h) + shift(t)
/// (Dhariwal & Nichol 2021, section 3.1, https://arxiv.org/abs/2105.05233); else it is added before
/// it. A block that resamples averages 2x2 pixels or repeats them (Song et al. 2020, appendix H of
/// https://arxiv.org/abs/2011.13456).
class ResnetBlockImpl : public torch::nn::Module {
 public:
  explicit ResnetBlockImpl(const ResnetBlockConfig& c);

  /// What timesteps are to this block: time (..., E) -> (..., W), W being modulation_width().
  at::Tensor modulation(const at::Tensor& time);
  /// 2 C_out, scale and shift, or C_out, what is added.
  int64_t modulation_width() const;

  /// x (B, C_in, H, W), modulation (B, W) -> (B, C_out, H', W')
  at::Tensor forward(at::Tensor x, const at::Tensor& modulation);

 private:
  int64_t modulation_width_;
  Resample resample_;
  TimeScaleShift time_scale_shift_;
  GroupNorm norm1;
  Conv2d conv1;
  Linear time_emb_proj;
  GroupNorm norm2;
  Conv2d conv2;
  Conv2d conv_shortcut{nullptr};  // only where the widths differ
};
TORCH_MODULE(ResnetBlock);

/// A timestep as a U-Net's blocks take it: the modulation (B, W) of each.
using Modulations = std::map<const ResnetBlockImpl*, at::Tensor>;

}  // namespace unclip
