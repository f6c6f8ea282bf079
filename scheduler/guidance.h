#pragma once

#include <functional>
#include <limits>

#include "scheduler/denoise.h"

namespace unclip {

/// Classifier-free guidance: how the unconditional prediction u and the conditional prediction c
/// are combined.
struct Guidance {
  /// w in u + w (c - u). Ho & Salimans 2022, eq. 6, https://arxiv.org/abs/2207.12598 (whose w is
  /// this one minus 1). At 1 there is no guidance, and u is not computed.
  double scale = 1;
  /// phi in [0, 1]: how far the standard deviation of the guided prediction is moved to that of c,
  /// separately for each image. Lin et al. 2023, eqs. 15 and 16, https://arxiv.org/abs/2305.08891
  double rescale = 0;
  /// Guidance is applied only if sigma_min < sigma <= sigma_max, sigma being NoiseLevel::ratio();
  /// elsewhere c is the prediction, and u is not computed.
  /// Kynkaanniemi et al. 2024, https://arxiv.org/abs/2404.07724
  double sigma_min = 0;
  double sigma_max = std::numeric_limits<double>::infinity();

  bool needs_unconditional() const { return scale != 1; }
  bool is_everywhere() const {
    return sigma_min <= 0 && sigma_max == std::numeric_limits<double>::infinity();
  }
};

/// A model with its conditions bound, in two forms: `both` takes 2 B rows, [unconditional...,
/// conditional...]; `conditional` takes only the B conditional rows.
struct GuidedModel {
  Denoiser both, conditional;
};

/// Called with c - u (B, C, ...) at each evaluation with guidance.
using OnGuidance = std::function<void(const at::Tensor& difference)>;

/// The guided model of B rows: x_t (B, C, ...) -> (B, C or 2 C, ...). Output channels after the
/// first C hold a learned variance, for which the conditional row's values are kept.
Denoiser guided(GuidedModel model, const Guidance& guidance, OnGuidance on_guidance = {});

}  // namespace unclip
