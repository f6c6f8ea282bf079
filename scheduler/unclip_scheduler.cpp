#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/noise_source.h"
#include "core/tensor_ops.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// Ancestral sampling between the timesteps t and s < t of a walk.
// Ho et al. 2020, eqs. 6 and 7, https://arxiv.org/abs/2006.11239, with, for steps that skip
// timesteps (Nichol & Dhariwal 2021, eq. 19, https://arxiv.org/abs/2102.09672),
//   beta = 1 - alpha_bar(t) / alpha_bar(s).
class UnclipScheduler final : public Scheduler {
 public:
  using Scheduler::Scheduler;

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    const float a_t = alpha_bar(i);
    const float a_s = alpha_bar(i + 1);
    const float beta = beta_between(i);
    const float x_0_coefficient = std::sqrt(a_s) * beta / (1 - a_t);
    const float x_t_coefficient = std::sqrt(1 - beta) * (1 - a_s) / (1 - a_t);
    const auto mean = x_0_coefficient * x_0 + x_t_coefficient * x_t;
    if (is_last(i)) return mean;

    const float variance = (1 - a_s) / (1 - a_t) * beta;
    const float log_variance = std::log(std::max(variance, 1e-20F));
    const auto z = noise.draw_like(x_t);
    if (config_.variance_type == VarianceType::kFixedSmallLog) {
      return mean + std::exp(0.5F * log_variance) * z;
    }

    // Nichol & Dhariwal 2021, eq. 15: between the two bounds of the posterior's variance. Not
    // clamped, as the published networks were not.
    const auto f = (halves(model_output, 1).second + 1) / 2;
    const auto learned_log_variance = f * std::log(beta) + (1 - f) * std::log(variance);
    return mean + (0.5F * learned_log_variance).exp() * z;
  }

 private:
  // The published beta where the step skips nothing: rounding makes the quotient another.
  float beta_between(size_t i) const {
    const auto t = timesteps_[i];
    const auto s = is_last(i) ? -1 : timesteps_[i + 1];
    return s == t - 1 ? schedule_.beta[static_cast<size_t>(t)]
                      : 1 - alpha_bar(i) / alpha_bar(i + 1);
  }
};

}  // namespace

std::unique_ptr<Scheduler> make_unclip_scheduler(const SchedulerConfig& config,
                                                 const WalkOptions& walk) {
  // Ancestral sampling ends at the mean of x_0 itself: Ho et al. 2020, algorithm 2.
  auto to_the_end = config;
  to_the_end.set_alpha_to_one = true;
  return std::make_unique<UnclipScheduler>(to_the_end, walk.steps);
}

}  // namespace unclip
