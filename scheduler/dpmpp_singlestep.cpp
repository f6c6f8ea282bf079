#include <ATen/ATen.h>

#include <cmath>

#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// DPM-Solver++ in its singlestep form: from the first level of a pair by DDIM's step to the second,
// and from the first again, with the difference of both predictions of x_0, over the whole pair. A
// level without a partner, the last one always, is DDIM's step alone; of order 1 each is.
// Lu et al. 2022b, algorithm 1, https://arxiv.org/abs/2211.01095
class DpmppSinglestep final : public Scheduler {
 public:
  DpmppSinglestep(const SchedulerConfig& config, const WalkOptions& walk, bool pairs, bool heun)
      : Scheduler(config, walk), pairs_(pairs), heun_(heun) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    if (pairs_ && i % 2 == 1 && !is_last(i)) return over_pair(i, x_0);
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
    const double slope = heun_ ? 1 - gain / h : gain / 2;
    return to.sigma() / from.sigma() * x_t_ + to.alpha() * gain * x_0_ +
           to.alpha() * slope / r * (x_0 - x_0_);
  }

  const bool pairs_, heun_;
  at::Tensor x_t_, x_0_;  // at the pair's first level
};

}  // namespace

std::unique_ptr<Scheduler> make_dpmpp_1s(const SchedulerConfig& config, const WalkOptions& walk,
                                         SamplerOptions&) {
  return std::make_unique<DpmppSinglestep>(config, walk, /*pairs=*/false, /*heun=*/false);
}

std::unique_ptr<Scheduler> make_dpmpp_2s(const SchedulerConfig& config, const WalkOptions& walk,
                                         SamplerOptions& own) {
  const bool heun = own.choice("solver", {"midpoint", "heun"}) == 1;
  return std::make_unique<DpmppSinglestep>(config, walk, /*pairs=*/true, heun);
}

}  // namespace unclip
