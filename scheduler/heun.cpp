#include "kernels/tensor.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

/// The first level once, and each other level twice: at the end of one step and at the start of the
/// next.
std::vector<NoiseLevel> doubled(const std::vector<NoiseLevel>& levels) {
  std::vector<NoiseLevel> all = {levels.front()};
  for (size_t i = 1; i < levels.size(); ++i) all.insert(all.end(), 2, levels[i]);
  return all;
}

// Heun's second-order method for dy/dr = (y - x_0) / r, with y = x_t / alpha and its noise r:
// Euler's step, then the same step again with the mean of the slopes at both ends. The last step is
// only Euler's.
// Karras et al. 2022, algorithm 1, https://arxiv.org/abs/2206.00364
class Heun final : public Scheduler {
 public:
  Heun(const SchedulerConfig& config, const WalkOptions& walk)
      : Scheduler(config, doubled(levels_of(config, walk)), end_of(config, walk)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    const auto eps = eps_beside(x_0, i, x_t);  // dy/dr
    if (i % 2 == 1) {                          // the end of a step: x_t is the result of Euler's
      const double h = level(i).ratio() - level(i - 1).ratio();
      // y + h (eps_ + eps) / 2, y being x_0_ + r eps_
      return noised(x_0_ + h / 2 * (eps - eps_), eps_, i);
    }
    x_0_ = x_0;
    eps_ = eps;
    return noised(x_0_, eps_, i + 1);
  }

 private:
  at::Tensor x_0_, eps_;  // at the start of the step
};

}  // namespace

std::unique_ptr<Scheduler> make_heun(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions&) {
  return std::make_unique<Heun>(config, walk);
}

}  // namespace unclip
