#include <ATen/ATen.h>

#include <cmath>
#include <deque>

#include "scheduler/schedulers.h"

namespace unclip {
namespace {

constexpr int64_t kMostOrder = 4;

/// The integral from a to b of the polynomial that is 1 at nodes[j] and 0 at the others. Gauss and
/// Legendre's two points are exact to third degree.
double integral(const std::vector<double>& nodes, size_t j, double a, double b) {
  double sum = 0;
  for (const double side : {-1.0, 1.0}) {
    const double r = (a + b) / 2 + side / std::sqrt(3.0) * (b - a) / 2;
    double product = 1;
    for (size_t k = 0; k < nodes.size(); ++k) {
      if (k != j) product *= (r - nodes[k]) / (nodes[j] - nodes[k]);
    }
    sum += product;
  }
  return sum * (b - a) / 2;
}

// Adams and Bashforth's method for dy/dr = (y - x_0) / r of y = x_t / alpha, r its noise: the
// slopes of the last steps, a polynomial through them, its integral. k-diffusion's sample_lms,
// https://github.com/crowsonkb/k-diffusion
class Lms final : public Scheduler {
 public:
  Lms(const SchedulerConfig& config, const WalkOptions& walk, int64_t order)
      : Scheduler(config, walk), order_(static_cast<size_t>(order)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    slopes_.push_front(eps_beside(x_0, i, x_t));
    if (slopes_.size() > order_) slopes_.pop_back();
    std::vector<double> nodes;  // their r, the latest first
    for (size_t k = 0; k < slopes_.size(); ++k) nodes.push_back(level(i - k).ratio());
    // y + sum of weights w_k times slopes, y being x_0 + r slopes_[0], and sum w_k = r' - r.
    auto x = x_0;
    for (size_t k = 1; k < nodes.size(); ++k) {
      const double w = integral(nodes, k, level(i).ratio(), level(i + 1).ratio());
      x = x + w * (slopes_[k] - slopes_[0]);
    }
    return noised(x, slopes_[0], i + 1);
  }

 private:
  const size_t order_;
  std::deque<at::Tensor> slopes_;
};

}  // namespace

std::unique_ptr<Scheduler> make_lms(const SchedulerConfig& config, const WalkOptions& walk,
                                    SamplerOptions& own) {
  return std::make_unique<Lms>(config, walk, own.integer("order", kMostOrder, 1, kMostOrder));
}

}  // namespace unclip
