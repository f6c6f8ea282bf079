#include <ATen/ATen.h>

#include <cmath>
#include <deque>

#include "scheduler/schedulers.h"

namespace unclip {
namespace {

/// The second level twice: the first step is taken again from there.
std::vector<NoiseLevel> with_second_look(std::vector<NoiseLevel> levels) {
  if (levels.size() > 1) levels.insert(levels.begin() + 1, levels[1]);
  return levels;
}

// DDIM's step with an eps that Adams and Bashforth's formula makes of the last four. The first step
// is taken twice, the second time with the mean of both ends' eps.
// Liu et al. 2022, eqs. 9 and 12 and section 3.4, https://arxiv.org/abs/2202.09778, in the form
// without Runge and Kutta's warming up (PLMS) that latent diffusion models made known.
class Pndm final : public Scheduler {
 public:
  Pndm(const SchedulerConfig& config, const WalkOptions& walk)
      : Scheduler(config, with_second_look(levels_of(config, walk)), end_of(config)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto eps = eps_beside(predict_x0(model_output, i, x_t), i, x_t);
    if (i == 0) {
      x_T_ = x_t;
      eps_ = {eps};
      return moved(x_t, 0, 1, eps);
    }
    if (i == 1) return moved(x_T_, 0, 1, (eps + eps_.front()) / 2);
    eps_.push_front(eps);
    if (eps_.size() > 4) eps_.pop_back();
    return moved(x_t, i, i + 1, extrapolated());
  }

 private:
  at::Tensor moved(const at::Tensor& x_t, size_t from, size_t to, const at::Tensor& eps) const {
    const auto x_0 = (x_t - level(from).sigma() * eps) / level(from).alpha();
    return noised(x_0, eps, to);
  }

  at::Tensor extrapolated() const {
    const auto& e = eps_;  // the latest first
    switch (e.size()) {
      case 2:
        return (3 * e[0] - e[1]) / 2;
      case 3:
        return (23 * e[0] - 16 * e[1] + 5 * e[2]) / 12;
      default:
        return (55 * e[0] - 59 * e[1] + 37 * e[2] - 9 * e[3]) / 24;
    }
  }

  at::Tensor x_T_;
  std::deque<at::Tensor> eps_;
};

}  // namespace

std::unique_ptr<Scheduler> make_pndm(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions&) {
  return std::make_unique<Pndm>(config, walk);
}

}  // namespace unclip
