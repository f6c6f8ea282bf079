#include "lab/mixture_world.h"

#include <cmath>

#include "kernels/tensor.h"

namespace unclip::lab {

MixtureWorld::MixtureWorld(const Config& config, std::vector<Part> parts)
    : schedule_(noise_schedule(SchedulerConfig::from(config))), parts_(std::move(parts)) {}

Denoiser MixtureWorld::model() const {
  return [*this](const at::Tensor& x_t, const At& at) {
    const double t = at.level.timestep;
    const double a_t = schedule_.alpha_bar_at(t);
    auto sum = ops::zeros_like(x_t), weights = ops::zeros_like(x_t);
    for (const auto& part : parts_) {
      const double variance = a_t * part.deviation * part.deviation + 1 - a_t;  // variance of x_t
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

at::Tensor MixtureWorld::distribution(const at::Tensor& x_t, double alpha_bar) const {
  auto sum = ops::zeros_like(x_t);
  for (const auto& part : parts_) {
    const double variance = alpha_bar * part.deviation * part.deviation + 1 - alpha_bar;
    const auto centred = std::sqrt(alpha_bar) * part.mean - x_t;
    sum = sum + part.weight * (centred / std::sqrt(2 * variance)).erfc() / 2;
  }
  return sum;
}

at::Tensor MixtureWorld::quantile(const at::Tensor& place, double alpha_bar) const {
  auto low = ops::full_like(place, -20), high = ops::full_like(place, 20);
  for (int i = 0; i < 60; ++i) {  // bisection: 40 / 2^60 is below the rounding of float64
    const auto middle = (low + high) / 2;
    const auto below = distribution(middle, alpha_bar).lt(place);
    low = middle.where(below, low);
    high = high.where(below, middle);
  }
  return (low + high) / 2;
}

at::Tensor MixtureWorld::carried(const at::Tensor& x, double a, double b) const {
  return quantile(distribution(x, a), b);
}

}  // namespace unclip::lab
