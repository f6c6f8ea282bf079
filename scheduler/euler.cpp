#include "kernels/tensor.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// Euler's method for dy/dr = (y - x_0) / r of y = x_t / alpha, r its noise.
// Karras et al. 2022, eq. 1 and algorithm 1, https://arxiv.org/abs/2206.00364
class Euler final : public Scheduler {
 public:
  using Scheduler::Scheduler;

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    const auto eps = eps_beside(x_0, i, x_t);  // dy/dr
    // y + (r' - r) eps, and y is x_0 + r eps: where r is 20,000, as the cosine schedule begins, the
    // sum would leave nothing of x_0.
    return noised(x_0, eps, i + 1);
  }
};

}  // namespace

std::unique_ptr<Scheduler> make_euler(const SchedulerConfig& config, const WalkOptions& walk,
                                      SamplerOptions&) {
  return std::make_unique<Euler>(config, walk);
}

}  // namespace unclip
