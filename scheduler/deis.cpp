#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "scheduler/schedulers.h"

namespace unclip {
namespace {

constexpr size_t kFewSteps = 15;  // of fewer, the last ones are of lower order

/// The integral from a to b of the polynomial in log r that is 1 at nodes[j] and 0 at the others.
/// Of one in l = log r: the integral of l^n dr is F_n(r) = r l^n - n F_(n-1)(r).
double integral(const std::vector<double>& nodes, size_t j, double a, double b) {
  std::vector<double> polynomial = {1};  // its coefficients, of l^0 first
  for (size_t k = 0; k < nodes.size(); ++k) {
    if (k == j) continue;
    const double l_k = std::log(nodes[k]), l_j = std::log(nodes[j]);
    std::vector<double> product(polynomial.size() + 1);
    for (size_t n = 0; n < polynomial.size(); ++n) {
      product[n + 1] += polynomial[n] / (l_j - l_k);
      product[n] -= polynomial[n] * l_k / (l_j - l_k);
    }
    polynomial = product;
  }
  const auto primitive = [&](double r) {
    if (r == 0) return 0.0;  // r log^n r -> 0
    double sum = 0, f = 0;
    for (size_t n = 0; n < polynomial.size(); ++n) {
      f = r * std::pow(std::log(r), static_cast<double>(n)) - static_cast<double>(n) * f;
      sum += polynomial[n] * f;
    }
    return sum;
  };
  return primitive(b) - primitive(a);
}

// Exponential integrator: dy/dr = eps of y = x_t / alpha, r its noise, with eps a polynomial in
// log r through the last predictions. Zhang & Chen 2022, eq. 14, https://arxiv.org/abs/2204.13902
class Deis final : public Scheduler {
 public:
  Deis(const SchedulerConfig& config, const WalkOptions& walk, int64_t order)
      : Scheduler(config, walk), order_(static_cast<size_t>(order)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    eps_.push_front(eps_beside(x_0, i, x_t));
    if (eps_.size() > order_) eps_.pop_back();
    const auto few = timesteps().size() < kFewSteps ? timesteps().size() - i : order_;
    std::vector<double> nodes;  // their r, the latest first
    for (size_t k = 0; k < std::min(eps_.size(), few); ++k) nodes.push_back(level(i - k).ratio());
    // y + sum of weights w_k times eps, y being x_0 + r eps_[0], and sum w_k = r' - r.
    auto x = x_0;
    for (size_t k = 1; k < nodes.size(); ++k) {
      const double w = integral(nodes, k, level(i).ratio(), level(i + 1).ratio());
      x = x + w * (eps_[k] - eps_[0]);
    }
    return noised(x, eps_[0], i + 1);
  }

 private:
  const size_t order_;
  std::deque<at::Tensor> eps_;
};

}  // namespace

std::unique_ptr<Scheduler> make_deis(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions& own) {
  return std::make_unique<Deis>(config, walk, own.integer("order", 2, 1, 3));
}

}  // namespace unclip
