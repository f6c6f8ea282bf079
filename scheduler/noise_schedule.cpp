#include "scheduler/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace unclip {

NoiseSchedule cosine_schedule(int64_t num_train_timesteps) {
  const double T = static_cast<double>(num_train_timesteps);
  const auto f = [](double u) {  // u = t / T in [0, 1]
    const double c = std::cos((u + 0.008) / 1.008 * std::numbers::pi / 2);
    return c * c;
  };
  NoiseSchedule schedule;
  double product = 1;
  for (int64_t t = 0; t < num_train_timesteps; ++t) {
    const double u = static_cast<double>(t) / T;
    const double next = static_cast<double>(t + 1) / T;
    schedule.beta.push_back(static_cast<float>(std::min(1 - f(next) / f(u), 0.999)));
    product *= static_cast<double>(1.0F - schedule.beta.back());
    schedule.alpha_bar.push_back(static_cast<float>(product));
  }
  return schedule;
}

std::vector<int64_t> unclip_timesteps(int64_t num_train_timesteps, int64_t n) {
  if (n < 1 || n > num_train_timesteps) {
    fail("a walk of ", n, " steps was asked for; 1 to ", num_train_timesteps, " are possible");
  }
  if (n == 1) return {num_train_timesteps - 1};
  const double ratio = static_cast<double>(num_train_timesteps - 1) / static_cast<double>(n - 1);
  std::vector<int64_t> timesteps;
  for (int64_t i = n - 1; i >= 0; --i) {
    // nearbyint rounds half to even.
    timesteps.push_back(static_cast<int64_t>(std::nearbyint(static_cast<double>(i) * ratio)));
  }
  return timesteps;
}

}  // namespace unclip
