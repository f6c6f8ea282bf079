#include <algorithm>
#include <cmath>

#include "kernels/tensor.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// ddim's levels from the least noise to the most, each repeated for every evaluation of the model.
std::vector<NoiseLevel> backwards(std::vector<NoiseLevel> levels, int64_t iterations) {
  std::reverse(levels.begin(), levels.end());
  std::vector<NoiseLevel> repeated;
  for (const auto& level : levels) {
    repeated.insert(repeated.end(), static_cast<size_t>(iterations), level);
  }
  return repeated;
}

// A step from x_s to the noisier x_t from which ddim's step, with eta = 0, leads to x_s: eq. 12 of
// Song et al. 2020, https://arxiv.org/abs/2010.02502, solved for x_t. The first evaluation uses the
// eps of x_s,
//   x_t = sqrt(a_t / a_s) (x_s - sqrt(1 - a_s) eps) + sqrt(1 - a_t) eps.
// Mokady et al. 2022, section 3.1, https://arxiv.org/abs/2211.09794
//
// But the equation needs the eps of x_t. So each further evaluation corrects x_t by the error of
// ddim's step from it. The fixed point is that of Pan et al. 2023,
// https://arxiv.org/abs/2309.04907.
//
// Differs from Pan et al., who put the new eps into the same equation: that multiplies the
// correction by sqrt(a_t / a_s), which is almost 0 at the end of the cosine schedule.
class DdimInverse final : public Scheduler {
 public:
  DdimInverse(const SchedulerConfig& config, const WalkOptions& walk, int64_t iterations)
      : Scheduler(config, backwards(levels_of(config, walk), iterations), end_of(config, walk)),
        iterations_(static_cast<size_t>(iterations)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const double a_t = alpha_bar(i);
    // alpha_bar of the timestep below; below the first one is the sample.
    const double a_s = alpha_bar(i < iterations_ ? timesteps().size() : i - iterations_);
    const auto x_0 = predict_x0(model_output, i, x_t);
    const auto eps = is_clean(i, a_s) ? ops::zeros_like(x_t) : eps_beside(x_0, i, x_t);
    if (i % iterations_ == 0) {
      x_s_ = x_t;
      return std::sqrt(a_t / a_s) * (x_s_ - std::sqrt(1 - a_s) * eps) + std::sqrt(1 - a_t) * eps;
    }
    const auto reached = std::sqrt(a_s) * x_0 + std::sqrt(1 - a_s) * eps;
    return x_t + (x_s_ - reached);
  }

 private:
  // Whether the step begins at the sample without noise. There, the output of a network that
  // predicts the sample differs from its input only by the network's error, which would be divided
  // by sqrt(1 - a_t), 0.006 in the cosine schedule.
  bool is_clean(size_t i, double a_s) const {
    return i == 0 && a_s == 1 && config_.prediction_type == PredictionType::kSample;
  }

  const size_t iterations_;
  at::Tensor x_s_;
};

}  // namespace

std::unique_ptr<Scheduler> make_ddim_inverse(const SchedulerConfig& config, const WalkOptions& walk,
                                             SamplerOptions& own) {
  // With one evaluation per step the error is of first order in the step's length; each further
  // evaluation makes it smaller. timesteps() repeats each timestep for its evaluations, and x
  // reaches it only after the last of them.
  return std::make_unique<DdimInverse>(config, walk, own.integer("iterations", 1, 1, 100));
}

}  // namespace unclip
