#pragma once

#include <vector>

#include "base/config.h"
#include "scheduler/denoise.h"

namespace unclip::lab {

/// A world whose pictures are single numbers, drawn from a mixture of Gaussians: the best model of
/// it and the exact walk have closed forms.
class MixtureWorld {
 public:
  struct Part {
    double weight, mean, deviation;  // weights sum to 1
  };
  /// `config` tells the schedule; it predicts the sample.
  MixtureWorld(const Config& config, std::vector<Part> parts);

  /// E[x_0 | x_t], x_t (B, ...)
  Denoiser model() const;
  /// The place of each x_t in its distribution at alpha_bar, in [0, 1], and the x_t of each place;
  /// float64.
  at::Tensor distribution(const at::Tensor& x_t, double alpha_bar) const;
  at::Tensor quantile(const at::Tensor& place, double alpha_bar) const;
  /// Where the exact walk of infinitely many steps, which draws no noise, leads from x at
  /// alpha_bar a to at b: in one dimension the flow keeps each number's place in the distribution.
  /// Song et al. 2020, section 4.3, https://arxiv.org/abs/2011.13456
  at::Tensor carried(const at::Tensor& x, double a, double b) const;

 private:
  NoiseSchedule schedule_;
  std::vector<Part> parts_;
};

}  // namespace unclip::lab
