#include <cmath>

#include "scheduler/schedulers.h"
#include "scheduler/slope_polynomial.h"

namespace unclip {
namespace {

constexpr int64_t kMostOrder = 4;

/// The integral from a to b of the polynomial that is 1 at nodes[j] and 0 at the other nodes.
/// Gauss-Legendre quadrature with two points is exact up to degree 3.
double integral_in_r(const std::vector<double>& nodes, size_t j, double a, double b) {
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

// The polynomial is one in r itself. k-diffusion's sample_lms,
// https://github.com/crowsonkb/k-diffusion
class Lms final : public SlopePolynomial {
 public:
  using SlopePolynomial::SlopePolynomial;

 private:
  double integral(const std::vector<double>& nodes, size_t j, double a, double b) const override {
    return integral_in_r(nodes, j, a, b);
  }
};

}  // namespace

std::unique_ptr<Scheduler> make_lms(const SchedulerConfig& config, const WalkOptions& walk,
                                    SamplerOptions& own) {
  return std::make_unique<Lms>(config, walk, own.integer("order", kMostOrder, 1, kMostOrder));
}

}  // namespace unclip
