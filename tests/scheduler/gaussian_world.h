#pragma once

#include <ATen/ATen.h>

#include <cmath>

#include "base/config.h"
#include "scheduler/denoise.h"

namespace unclip::testing {

/// A world whose pictures are Gaussian, each of its elements on its own: x_0 ~ N(mean,
/// deviation^2). Then x_t ~ N(sqrt(a) mean, a deviation^2 + 1 - a), a = alpha_bar(t), and all that
/// a model could be asked has a closed form.
class GaussianWorld {
 public:
  /// mean, deviation (C, ...)
  GaussianWorld(const Config& config, at::Tensor mean, at::Tensor deviation)
      : config_(SchedulerConfig::from(config)),
        schedule_(noise_schedule(config_)),
        mean_(std::move(mean)),
        deviation_(std::move(deviation)) {}

  /// The best prediction there is, with a learned variance's channels where the config has them.
  Denoiser model() const {
    return [*this](const at::Tensor& x_t, const At& at) {
      const double t = at.level.timestep;
      const double a_t = schedule_.alpha_bar_at(t);
      const auto centred = x_t - std::sqrt(a_t) * mean_;
      const auto variance = a_t * deviation_.square() + (1 - a_t);
      // E[x_0 | x_t] and E[eps | x_t]: regression of jointly Gaussian numbers.
      const auto x_0 = mean_ + std::sqrt(a_t) * deviation_.square() / variance * centred;
      const auto eps = std::sqrt(1 - a_t) / variance * centred;
      const auto prediction = config_.prediction_type == PredictionType::kSample ? x_0
                              : config_.prediction_type == PredictionType::kEpsilon
                                  ? eps
                                  : std::sqrt(a_t) * eps - std::sqrt(1 - a_t) * x_0;
      const bool learned = config_.variance_type == VarianceType::kLearnedRange;
      return learned ? at::cat({prediction, at::full_like(prediction, 1e3)}, 1) : prediction;
    };
  }

  /// Where the deterministic walk of infinitely many steps takes x_0: it keeps each element's
  /// distance from the mean, counted in standard deviations. Song et al. 2020, eq. 14,
  /// https://arxiv.org/abs/2010.02502
  at::Tensor noise_of(const at::Tensor& x_0) const {
    const double a_T = schedule_.alpha_bar.back();
    const auto deviation = (a_T * deviation_.square() + (1 - a_T)).sqrt();
    return std::sqrt(a_T) * mean_ + deviation * (x_0 - mean_) / deviation_;
  }

 private:
  SchedulerConfig config_;
  NoiseSchedule schedule_;
  at::Tensor mean_, deviation_;
};

}  // namespace unclip::testing
