#include <cmath>

#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

constexpr double kDataDeviation = 0.5;

// Multistep sampling of a consistency model: each step predicts the sample itself, through a skip
// connection that makes the prediction exact at t = 0, and then adds the noise of the next level.
// Luo et al. 2023, eq. 9 and algorithm 1, https://arxiv.org/abs/2310.04378
class Lcm final : public Scheduler {
 public:
  Lcm(const SchedulerConfig& config, const WalkOptions& walk, double timestep_scaling)
      : Scheduler(config, walk), timestep_scaling_(timestep_scaling) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    const double t = timestep_scaling_ * level(i).timestep;
    const double square = t * t + kDataDeviation * kDataDeviation;
    const double skip = kDataDeviation * kDataDeviation / square, out = t / std::sqrt(square);
    const auto x_0 = out * predict_x0(model_output, i, x_t) + skip * x_t;
    if (is_last(i)) return x_0;
    return noised(x_0, noise.draw_like(x_t), i + 1);
  }

 private:
  const double timestep_scaling_;
};

}  // namespace

std::unique_ptr<Scheduler> make_lcm(const SchedulerConfig& config, const WalkOptions& walk,
                                    SamplerOptions& own) {
  return std::make_unique<Lcm>(config, walk, own.number("timestep_scaling", 10, 0, 1e6));
}

}  // namespace unclip
