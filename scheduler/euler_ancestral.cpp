#include <cmath>

#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// Euler's method down to less noise than the next level has, then added noise to reach that level.
// For y = x_t / alpha with noise r, Euler's step goes to r_down, and noise of deviation r_up is
// added, where r_down^2 + r_up^2 = r'^2,
//   r_up^2 = r'^2 (r^2 - r'^2) / r^2,
// which is ancestral sampling's variance. k-diffusion's sample_euler_ancestral,
// https://github.com/crowsonkb/k-diffusion
class EulerAncestral final : public Scheduler {
 public:
  EulerAncestral(const SchedulerConfig& config, const WalkOptions& walk, double eta)
      : Scheduler(config, walk), eta_(eta) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    const double from = level(i).ratio(), to = level(i + 1).ratio();
    const double eta = is_last(i) ? 0 : eta_;
    const double up = eta * to * std::sqrt(from * from - to * to) / from;
    const double down = std::sqrt(to * to - up * up);
    const auto x_0 = predict_x0(model_output, i, x_t);
    auto y = x_0 + down * eps_beside(x_0, i, x_t);  // y + (r_down - r) eps, y being x_0 + r eps
    if (eta > 0) y = y + up * noise.draw_like(x_t);
    return level(i + 1).alpha() * y;
  }

 private:
  const double eta_;
};

}  // namespace

std::unique_ptr<Scheduler> make_euler_ancestral(const SchedulerConfig& config,
                                                const WalkOptions& walk, SamplerOptions& own) {
  return std::make_unique<EulerAncestral>(config, walk, own.number("eta", 1, 0, 1));
}

}  // namespace unclip
