#include "lab/mixture_world.h"

#include <ATen/ATen.h>

#include <cmath>

namespace unclip::lab {

MixtureWorld::MixtureWorld(const Config& config, std::vector<Part> parts)
    : schedule_(noise_schedule(SchedulerConfig::from(config))), parts_(std::move(parts)) {}

Denoiser MixtureWorld::model() const {
  return [*this](const at::Tensor& x_t, double t) {
    const double a_t = schedule_.alpha_bar_at(t);
    auto sum = at::zeros_like(x_t), weights = at::zeros_like(x_t);
    for (const auto& part : parts_) {
      const double variance = a_t * part.deviation * part.deviation + 1 - a_t;  // of x_t
      const auto centred = x_t - std::sqrt(a_t) * part.mean;
      const auto weight =
          part.weight / std::sqrt(variance) * (-centred.square() / (2 * variance)).exp();
      // Regression of jointly Gaussian numbers.
      const auto x_0 =
          part.mean + std::sqrt(a_t) * part.deviation * part.deviation / variance * centred;
      sum = sum + weight * x_0;
      weights = weights + weight;
    }
    return sum / weights;
  };
}

double MixtureWorld::carried(double x, double a, double b) const {
  const double place = distribution(x, a);
  double low = -20, high = 20;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (distribution(middle, b) < place ? low : high) = middle;
  }
  return (low + high) / 2;
}

double MixtureWorld::distribution(double x, double alpha_bar) const {
  double sum = 0;
  for (const auto& part : parts_) {
    const double variance = alpha_bar * part.deviation * part.deviation + 1 - alpha_bar;
    sum += part.weight *
           std::erfc((std::sqrt(alpha_bar) * part.mean - x) / std::sqrt(2 * variance)) / 2;
  }
  return sum;
}

}  // namespace unclip::lab
