#pragma once

#include <cmath>

namespace unclip {

/// How noisy a sample is: x_t = alpha x_0 + sigma eps, alpha^2 + sigma^2 = 1, eps ~ N(0, 1).
struct NoiseLevel {
  double timestep = 0;   // the network's input for this level; a fraction if it lies between two
                         // training timesteps
  double alpha_bar = 1;  // alpha^2, in (0, 1]

  double alpha() const { return std::sqrt(alpha_bar); }
  double sigma() const { return std::sqrt(1 - alpha_bar); }
  /// sigma / alpha, the standard deviation of the noise in x_t / alpha. Karras et al. 2022,
  /// https://arxiv.org/abs/2206.00364
  double ratio() const { return std::sqrt((1 - alpha_bar) / alpha_bar); }
  /// log(alpha / sigma), half the logarithm of the signal-to-noise ratio; infinite without noise.
  /// Lu et al. 2022, https://arxiv.org/abs/2206.00927
  double lambda() const { return -std::log(ratio()); }
};

/// alpha_bar of the level that has this ratio: x_t / alpha = x_0 + ratio eps.
inline double alpha_bar_of_ratio(double ratio) { return 1 / (1 + ratio * ratio); }

}  // namespace unclip
