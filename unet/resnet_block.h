#pragma once

#include <optional>
#include <vector>

#include "nn/layers.h"
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

/// A timestep in the form that a U-Net's residual blocks apply: the modulation (B, W) of each
/// block, by its number.
using Modulations = std::vector<at::Tensor>;

/// Residual block of the U-Net: two 3x3 convolutions, conditioned on the timestep. With
/// kScaleShift, the timestep scales and shifts the second group normalisation,
///   AdaGN(h, t) = (1 + scale(t)) GroupNorm(h) + shift(t)
/// (Dhariwal & Nichol 2021, section 3.1, https://arxiv.org/abs/2105.05233); with kDefault, it is
/// added before that normalisation. A block that resamples averages 2x2 pixels or repeats them
/// (Song et al. 2020, appendix H of https://arxiv.org/abs/2011.13456).
class ResnetBlock : public Module {
 public:
  ResnetBlock(Place place, const ResnetBlockConfig& c);

  /// The modulation by which this block applies timesteps: time (..., E) -> (..., W), W =
  /// modulation_width().
  at::Tensor modulation(const at::Tensor& time) const;
  /// 2 C_out for scale and shift, or C_out if the timestep is added.
  int64_t modulation_width() const { return modulation_width_; }

  /// x (B, C_in, H, W), modulation (B, W) -> (B, C_out, H', W')
  at::Tensor operator()(at::Tensor x, const at::Tensor& modulation) const;
  /// The same with this block's entry of `time`.
  at::Tensor operator()(at::Tensor x, const Modulations& time) const {
    return (*this)(std::move(x), time.at(number_));
  }

  /// Its index in Modulations, which the U-Net gives it.
  void set_number(size_t number) { number_ = number; }

 private:
  size_t number_ = 0;
  int64_t modulation_width_;
  Resample resample_;
  TimeScaleShift time_scale_shift_;
  GroupNorm norm1;
  Conv2d conv1;
  Linear time_emb_proj;
  GroupNorm norm2;
  Conv2d conv2;
  std::optional<Conv2d> conv_shortcut;  // only if the widths differ
};

}  // namespace unclip
