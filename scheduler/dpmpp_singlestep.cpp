#include <cmath>

#include "kernels/tensor.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

struct Pairs {
  bool any = true;
  bool heun = false;
  bool last = false;  // whether the last pair is whole, if the run ends with noise
};

// DPM-Solver++ in its singlestep form. The levels form pairs: DDIM's step leads from the first
// level of a pair to the second; then a step from the first again, which uses the difference of
// both predictions of x_0, covers the whole pair. A level without a partner takes DDIM's step; so
// does the last one unless the last pair is whole, and every level at order 1.
// Lu et al. 2022b, algorithm 1, https://arxiv.org/abs/2211.01095
class DpmppSinglestep final : public Scheduler {
 public:
  DpmppSinglestep(const SchedulerConfig& config, const WalkOptions& walk, const Pairs& pairs)
      : Scheduler(config, walk), pairs_(pairs) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    const bool in_pair = i % 2 == 1 && (!is_last(i) || (pairs_.last && level(i + 1).sigma() > 0));
    if (pairs_.any && in_pair) return over_pair(i, x_0);
    x_t_ = x_t;
    x_0_ = x_0;
    return noised(x_0, eps_beside(x_0, i, x_t), i + 1);
  }

 private:
  at::Tensor over_pair(size_t i, const at::Tensor& x_0) const {
    const auto &from = level(i - 1), &to = level(i + 1);
    const double h = to.lambda() - from.lambda();
    const double r = (level(i).lambda() - from.lambda()) / h;
    const double gain = -std::expm1(-h);
    const double slope = pairs_.heun ? 1 - gain / h : gain / 2;
    return to.sigma() / from.sigma() * x_t_ + to.alpha() * gain * x_0_ +
           to.alpha() * slope / r * (x_0 - x_0_);
  }

  const Pairs pairs_;
  at::Tensor x_t_, x_0_;  // at the first level of the pair
};

}  // namespace

std::unique_ptr<Scheduler> make_dpmpp_1s(const SchedulerConfig& config, const WalkOptions& walk,
                                         SamplerOptions&) {
  return std::make_unique<DpmppSinglestep>(config, walk, Pairs{.any = false});
}

std::unique_ptr<Scheduler> make_dpmpp_2s(const SchedulerConfig& config, const WalkOptions& walk,
                                         SamplerOptions& own) {
  const bool heun = own.choice("solver", {"midpoint", "heun"}) == 1;
  const bool lower = own.flag("lower_order_final", true);
  return std::make_unique<DpmppSinglestep>(config, walk, Pairs{.heun = heun, .last = !lower});
}

}  // namespace unclip
