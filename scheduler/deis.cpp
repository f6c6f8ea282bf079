#include <cmath>

#include "scheduler/lagrange.h"
#include "scheduler/schedulers.h"
#include "scheduler/slope_polynomial.h"

namespace unclip {
namespace {

constexpr size_t kFewSteps = 15;  // with fewer, the last ones are of lower order

/// The integral from a to b of the polynomial in log r that is 1 at nodes[j] and 0 at the others.
/// For the terms, with l = log r: the integral of l^n dr is F_n(r) = r l^n - n F_(n-1)(r).
double integral_in_log_r(const std::vector<double>& nodes, size_t j, double a, double b) {
  std::vector<double> logs;
  for (const double r : nodes) logs.push_back(std::log(r));
  const auto polynomial = lagrange_polynomial(logs, j);
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

// Exponential integrator: a polynomial in log r. Zhang & Chen 2022, eq. 14,
// https://arxiv.org/abs/2204.13902
class Deis final : public SlopePolynomial {
 public:
  Deis(const SchedulerConfig& config, const WalkOptions& walk, int64_t order,
       bool lower_order_final)
      : SlopePolynomial(config, walk, order), lower_order_final_(lower_order_final) {}

 private:
  double integral(const std::vector<double>& nodes, size_t j, double a, double b) const override {
    return integral_in_log_r(nodes, j, a, b);
  }
  size_t order(size_t i) const override {
    const auto steps = timesteps().size();
    return lower_order_final_ && steps < kFewSteps ? steps - i : SlopePolynomial::order(i);
  }

  const bool lower_order_final_;
};

}  // namespace

std::unique_ptr<Scheduler> make_deis(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions& own) {
  const auto order = own.integer("order", 2, 1, 3);
  return std::make_unique<Deis>(config, walk, order, own.flag("lower_order_final", true));
}

}  // namespace unclip
