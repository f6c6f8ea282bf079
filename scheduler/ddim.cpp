#include <algorithm>
#include <cmath>

#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// A step from timestep t to the next one, s < t: deterministic at eta = 0, with the variance of
// ancestral sampling at eta = 1. Song et al. 2020, eqs. 12 and 16, https://arxiv.org/abs/2010.02502
class Ddim final : public Scheduler {
 public:
  Ddim(const SchedulerConfig& config, const WalkOptions& walk, double eta)
      : Scheduler(config, walk), eta_(eta) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    const double a_t = alpha_bar(i);
    const double a_s = alpha_bar(i + 1);
    const auto x_0 = predict_x0(model_output, i, x_t);
    const auto eps = eps_beside(x_0, i, x_t);

    // Differs from eq. 12: no noise on the last step, even if the run ends below alpha_bar = 1.
    const double eta = is_last(i) ? 0 : eta_;
    const double variance = eta * eta * (1 - a_s) / (1 - a_t) * (1 - a_t / a_s);
    const auto mean = std::sqrt(a_s) * x_0 + std::sqrt(std::max(1 - a_s - variance, 0.0)) * eps;
    return eta == 0 ? mean : mean + std::sqrt(variance) * noise.draw_like(x_t);
  }

 private:
  const double eta_;
};

}  // namespace

std::unique_ptr<Scheduler> make_ddim(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions& own) {
  return std::make_unique<Ddim>(config, walk, own.number("eta", 0, 0, 1));
}

}  // namespace unclip
