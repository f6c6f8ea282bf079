#pragma once

#include <vector>

#include "base/config.h"
#include "scheduler/denoise.h"

namespace unclip::lab {

/// A world whose images are single numbers drawn from a mixture of Gaussians. The best possible
/// model and the exact sampling run have closed forms.
class MixtureWorld {
 public:
  struct Part {
    double weight, mean, deviation;  // weights sum to 1
  };
  /// `config` is a scheduler's config, which gives the noise schedule; the model predicts the
  /// sample.
  MixtureWorld(const Config& config, std::vector<Part> parts);

  /// The best model: x_t (B, ...) -> E[x_0 | x_t]
  Denoiser model() const;
  /// The distribution function of x_t at alpha_bar, whose values are in [0, 1], and its inverse;
  /// float64.
  at::Tensor distribution(const at::Tensor& x_t, double alpha_bar) const;
  at::Tensor quantile(const at::Tensor& place, double alpha_bar) const;
  /// The result at alpha_bar b of the exact deterministic sampling run, of infinitely many steps,
  /// from x at alpha_bar a. In one dimension this flow preserves the value of the distribution
  /// function. Song et al. 2020, section 4.3, https://arxiv.org/abs/2011.13456
  at::Tensor carried(const at::Tensor& x, double a, double b) const;

 private:
  NoiseSchedule schedule_;
  std::vector<Part> parts_;
};

}  // namespace unclip::lab
