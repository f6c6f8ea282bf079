#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "kernels/kernel.h"
#include "kernels/tensor.h"
#include "nn/attention.h"
#include "nn/noise_source.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// A step of ancestral sampling from timestep t to the next one, s < t.
// Ho et al. 2020, eqs. 6 and 7, https://arxiv.org/abs/2006.11239, with, for steps that skip
// timesteps (Nichol & Dhariwal 2021, eq. 19, https://arxiv.org/abs/2102.09672),
//   beta = 1 - alpha_bar(t) / alpha_bar(s).
class Ddpm final : public Scheduler {
 public:
  /// Which of diffusers' two classes it follows where they differ by rounding and at the end.
  enum class As { kDdpm, kUnclip };

  Ddpm(const SchedulerConfig& config, const WalkOptions& walk, As as)
      : Scheduler(config, walk),
        schedule_(noise_schedule(config)),
        as_(as),
        own_levels_(walk.spacing.empty() && walk.timesteps.empty() && walk.sigmas.empty()) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    const auto a_t = static_cast<float>(alpha_bar(i));
    const auto a_s = static_cast<float>(alpha_bar(i + 1));
    // In float32, and in the order of the published code, so that no coefficient differs from its.
    const float beta = beta_between(i), alpha = as_ == As::kUnclip ? 1 - beta : a_t / a_s;
    const float x_0_coefficient = std::sqrt(a_s) * beta / (1 - a_t);
    const float x_t_coefficient = std::sqrt(alpha) * (1 - a_s) / (1 - a_t);
    static const auto ancestral_step =
        kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                          const std::optional<at::Tensor>&, double, double, double, double,
                          double)>("unclip::ancestral_step");
    // The bounds of the variance: the posterior's, which is right for data that are a single point,
    // and beta, which is right for data that are Gaussian already. Ho et al. 2020, section 3.2.
    const float smallest = std::max((1 - a_s) / (1 - a_t) * beta, 1e-20F), largest = beta;
    const auto variance = adds_noise(i) ? variance_of(model_output, smallest, largest) : Variance{};
    const auto drawn = adds_noise(i) ? std::make_optional(noise.draw_like(x_t)) : std::nullopt;
    return ancestral_step.call(x_0, x_t, drawn, variance.f, x_0_coefficient, x_t_coefficient,
                               variance.deviation, variance.log_smallest, variance.log_largest);
  }

 private:
  /// The variance of a step, in the form that unclip::ancestral_step takes: one deviation, or one
  /// for each number, computed from f, the second half of the network's channels.
  struct Variance {
    float deviation = 0;
    std::optional<at::Tensor> f;
    float log_smallest = 0, log_largest = 0;
  };

  Variance variance_of(const at::Tensor& model_output, float smallest, float largest) const {
    switch (config_.variance_type) {
      case VarianceType::kFixedSmall:
        return {.deviation = std::sqrt(smallest)};
      case VarianceType::kFixedSmallLog:
        return {.deviation = std::exp(0.5F * std::log(smallest))};
      case VarianceType::kFixedLarge:
        return {.deviation = std::sqrt(largest)};
      case VarianceType::kLearned:
        // Nichol & Dhariwal 2021, section 3.1: the network predicts the logarithm f of the
        // variance, which is f' - (1 - f') with f' = (f + 1) / 2.
        return {.f = halves(model_output, 1).second, .log_smallest = -1, .log_largest = 1};
      case VarianceType::kLearnedRange:
        break;
    }
    // Nichol & Dhariwal 2021, eq. 15: between the two bounds. f is not clamped, because the
    // published networks did not clamp it.
    return {.f = halves(model_output, 1).second,
            .log_smallest = std::log(smallest),
            .log_largest = std::log(largest)};
  }

  // Differs from algorithm 2, as the published DDPMScheduler does: on its own levels it adds noise
  // after every timestep but 0. A leading spacing with an offset ends at a later one.
  bool adds_noise(size_t i) const {
    return !is_last(i) || (as_ == As::kDdpm && own_levels_ && level(i).timestep > 0);
  }

  // The beta of step i. In UnCLIPScheduler a step that skips no timestep has the published beta,
  // from which the quotient differs by rounding.
  float beta_between(size_t i) const {
    const double t = level(i).timestep;
    const double s = is_last(i) ? -1 : level(i + 1).timestep;
    return as_ == As::kUnclip && s == t - 1 && t == std::floor(t)
               ? schedule_.beta[static_cast<size_t>(t)]
               : 1 - static_cast<float>(alpha_bar(i)) / static_cast<float>(alpha_bar(i + 1));
  }

  const NoiseSchedule schedule_;
  const As as_;
  const bool own_levels_;  // the spacing is the config's
};

std::unique_ptr<Scheduler> make_ancestral(const SchedulerConfig& config, const WalkOptions& walk,
                                          SamplerOptions& own, Ddpm::As as) {
  // Ancestral sampling ends at the mean of x_0 itself: Ho et al. 2020, algorithm 2.
  auto to_the_end = config;
  to_the_end.set_alpha_to_one = true;
  const auto variance =
      own.choice("variance", {"own", "fixed_small", "fixed_small_log", "fixed_large"});
  constexpr VarianceType kFixed[] = {VarianceType::kFixedSmall, VarianceType::kFixedSmallLog,
                                     VarianceType::kFixedLarge};
  if (variance > 0) {
    if (is_learned(config.variance_type)) {
      fail("variance: expected own, since the model's is learned, got a fixed one");
    }
    to_the_end.variance_type = kFixed[variance - 1];
  }
  return std::make_unique<Ddpm>(to_the_end, walk, as);
}

}  // namespace

std::unique_ptr<Scheduler> make_ddpm(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions& own) {
  return make_ancestral(config, walk, own, Ddpm::As::kDdpm);
}

std::unique_ptr<Scheduler> make_unclip(const SchedulerConfig& config, const WalkOptions& walk,
                                       SamplerOptions& own) {
  return make_ancestral(config, walk, own, Ddpm::As::kUnclip);
}

}  // namespace unclip
