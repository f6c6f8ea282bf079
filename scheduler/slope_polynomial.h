#pragma once

#include <deque>
#include <vector>

#include "scheduler/scheduler.h"

namespace unclip {

/// The Adams-Bashforth method for dy/dr = eps, with y = x_t / alpha and r = NoiseLevel::ratio().
/// Each step integrates a polynomial through the last slopes eps up to the next level. Derived
/// classes choose the variable of the polynomial.
class SlopePolynomial : public Scheduler {
 public:
  SlopePolynomial(const SchedulerConfig& config, const WalkOptions& walk, int64_t order)
      : Scheduler(config, walk), order_(static_cast<size_t>(order)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) final;

 protected:
  /// The integral from r = a to b of the polynomial that is 1 at nodes[j] and 0 at the other nodes.
  virtual double integral(const std::vector<double>& nodes, size_t j, double a, double b) const = 0;
  /// The number of slopes that step i may use.
  virtual size_t order(size_t) const { return order_; }

 private:
  const size_t order_;
  std::deque<at::Tensor> eps_;  // the latest first
};

}  // namespace unclip
