#include "scheduler/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace unclip {
namespace {

NoiseSchedule accumulated(std::vector<float> beta) {
  NoiseSchedule schedule{.beta = std::move(beta)};
  double product = 1;
  for (const float b : schedule.beta) {
    product *= static_cast<double>(1.0F - b);
    schedule.alpha_bar.push_back(static_cast<float>(product));
  }
  return schedule;
}

// n values from `start` to `end`; one value is `start`.
std::vector<double> evenly(double start, double end, int64_t n) {
  std::vector<double> values;
  for (int64_t i = 0; i < n; ++i) {
    const double u = n == 1 ? 0 : static_cast<double>(i) / static_cast<double>(n - 1);
    values.push_back(start + u * (end - start));  // u in [0, 1]
  }
  return values;
}

// nearbyint rounds half to even.
int64_t rounded(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

int64_t timestep_at(TimestepSpacing spacing, int64_t T, int64_t n, int64_t i) {
  const double i_real = static_cast<double>(i);
  switch (spacing) {
    case TimestepSpacing::kLeading:
      return i * (T / n);  // whole numbers: floor(T / n)
    case TimestepSpacing::kTrailing:
      return rounded((i_real + 1) * static_cast<double>(T) / static_cast<double>(n)) - 1;
    case TimestepSpacing::kLinspace:
      break;
  }
  if (n == 1) return T - 1;
  const double ratio = static_cast<double>(T - 1) / static_cast<double>(n - 1);
  return rounded(i_real * ratio);
}

}  // namespace

NoiseSchedule cosine_schedule(int64_t num_train_timesteps) {
  const double T = static_cast<double>(num_train_timesteps);
  const auto f = [](double u) {  // u = t / T in [0, 1]
    const double c = std::cos((u + 0.008) / 1.008 * std::numbers::pi / 2);
    return c * c;
  };
  std::vector<float> beta;
  for (int64_t t = 0; t < num_train_timesteps; ++t) {
    const double u = static_cast<double>(t) / T;
    const double next = static_cast<double>(t + 1) / T;
    beta.push_back(static_cast<float>(std::min(1 - f(next) / f(u), 0.999)));
  }
  return accumulated(std::move(beta));
}

NoiseSchedule linear_schedule(int64_t num_train_timesteps, double beta_start, double beta_end) {
  const auto betas = evenly(beta_start, beta_end, num_train_timesteps);
  return accumulated({betas.begin(), betas.end()});
}

NoiseSchedule scaled_linear_schedule(int64_t num_train_timesteps, double beta_start,
                                     double beta_end) {
  std::vector<float> beta;
  for (const double root :
       evenly(std::sqrt(beta_start), std::sqrt(beta_end), num_train_timesteps)) {
    beta.push_back(static_cast<float>(root * root));
  }
  return accumulated(std::move(beta));
}

std::vector<int64_t> walk_timesteps(TimestepSpacing spacing, int64_t num_train_timesteps, int64_t n,
                                    int64_t offset) {
  if (n < 1 || n > num_train_timesteps) {
    fail("a walk of ", n, " steps was asked for; 1 to ", num_train_timesteps, " are possible");
  }
  std::vector<int64_t> timesteps;
  for (int64_t i = n - 1; i >= 0; --i) {
    timesteps.push_back(timestep_at(spacing, num_train_timesteps, n, i) +
                        (spacing == TimestepSpacing::kLeading ? offset : 0));
  }
  if (timesteps.front() >= num_train_timesteps) {
    fail("a walk of ", n, " steps with 'steps_offset' ", offset, " begins at timestep ",
         timesteps.front(), "; the last one is ", num_train_timesteps - 1);
  }
  return timesteps;
}

}  // namespace unclip
