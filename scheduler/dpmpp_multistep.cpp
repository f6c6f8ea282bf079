#include <algorithm>
#include <cmath>
#include <deque>

#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// With fewer steps than this, the last ones are of lower order, for stability. Lu et al. 2022b,
// sec. 4
constexpr size_t kFewMultisteps = 15;

struct Solver {
  size_t order = 2;
  bool heun = false;              // the other form of second order
  bool sde = false;               // add noise in each step: solve the stochastic equation
  bool lower_order_final = true;  // lower the order of the last of few steps
  bool euler_at_final = false;    // the last step is of first order
};

// DPM-Solver++ in its multistep form: with h = lambda(i + 1) - lambda(i),
//   x = (sigma' / sigma) x_t - alpha' (e^-h - 1) D_0 + terms of the differences of the last D,
// where D are predictions of x_0; the stochastic variant has e^-2h in place of e^-h, and adds
// noise.
// Lu et al. 2022b, eqs. 9 and 13 and appendix A, https://arxiv.org/abs/2211.01095
class DpmppMultistep final : public Scheduler {
 public:
  DpmppMultistep(const SchedulerConfig& config, const WalkOptions& walk, const Solver& solver)
      : Scheduler(config, walk), solver_(solver) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    x_0_.push_front(predict_x0(model_output, i, x_t));
    if (x_0_.size() > solver_.order) x_0_.pop_back();
    const auto &from = level(i), &to = level(i + 1);
    if (to.sigma() == 0) return x_0_.front();        // e^-h = 0
    if (to.alpha_bar == from.alpha_bar) return x_t;  // h = 0

    const double h = to.lambda() - from.lambda();
    const double decay = solver_.sde ? 2 * h : h;  // exponent of the old sample's decay
    const double gain = -std::expm1(-decay);       // 1 - e^-decay
    const double keep = to.sigma() / from.sigma() * (solver_.sde ? std::exp(-h) : 1);
    auto x = keep * x_t + to.alpha() * gain * x_0_[0];
    x = x + to.alpha() * differences(i, h, decay, gain);
    if (!solver_.sde || is_last(i)) return x;
    return x + to.sigma() * std::sqrt(gain) * noise.draw_like(x_t);
  }

 private:
  size_t order(size_t i) const {
    const auto left = timesteps().size() - i;
    if (solver_.euler_at_final && left == 1) return 1;
    const bool lower = solver_.lower_order_final && timesteps().size() < kFewMultisteps;
    const auto most = lower ? left : solver_.order;
    return std::min({solver_.order, x_0_.size(), most});
  }

  at::Tensor differences(size_t i, double h, double decay, double gain) const {
    const auto n = order(i);
    if (n == 1) return ops::zeros_like(x_0_[0]);
    const double r_0 = (level(i).lambda() - level(i - 1).lambda()) / h;
    const auto d_0 = (x_0_[0] - x_0_[1]) / r_0;
    const double slope = 1 - gain / decay;  // of the integral of e^(lambda) (lambda - lambda(i))
    if (n == 2) return (solver_.heun ? slope : gain / 2) * d_0;
    const double r_1 = (level(i - 1).lambda() - level(i - 2).lambda()) / h;
    const auto d_1 = (x_0_[1] - x_0_[2]) / r_1;
    const auto first = d_0 + r_0 / (r_0 + r_1) * (d_0 - d_1);
    const auto second = (d_0 - d_1) / (r_0 + r_1);
    // x_0 is approximated by x_0_[0] + first s + second s^2 for s = (lambda - lambda(i)) / h in [0,
    // 1]. Differs from the published code, which takes half of the last term and is therefore only
    // of second order.
    return slope * first + (1 - 2 * slope / decay) * second;
  }

  const Solver solver_;
  std::deque<at::Tensor> x_0_;  // the latest first
};

std::unique_ptr<Scheduler> make(const SchedulerConfig& config, const WalkOptions& walk,
                                SamplerOptions& own, Solver solver) {
  solver.lower_order_final = own.flag("lower_order_final", true);
  solver.euler_at_final = own.flag("euler_at_final", false);
  return std::make_unique<DpmppMultistep>(config, walk, solver);
}

}  // namespace

std::unique_ptr<Scheduler> make_dpmpp_2m(const SchedulerConfig& config, const WalkOptions& walk,
                                         SamplerOptions& own) {
  const auto order = static_cast<size_t>(own.integer("order", 2, 1, 3));
  return make(config, walk, own,
              {.order = order, .heun = own.choice("solver", {"midpoint", "heun"}) == 1});
}

std::unique_ptr<Scheduler> make_dpmpp_2m_sde(const SchedulerConfig& config, const WalkOptions& walk,
                                             SamplerOptions& own) {
  const auto order = static_cast<size_t>(own.integer("order", 2, 1, 2));
  return make(
      config, walk, own,
      {.order = order, .heun = own.choice("solver", {"midpoint", "heun"}) == 1, .sde = true});
}

std::unique_ptr<Scheduler> make_dpmpp_3m_sde(const SchedulerConfig& config, const WalkOptions& walk,
                                             SamplerOptions& own) {
  return make(config, walk, own, {.order = 3, .sde = true});
}

}  // namespace unclip
