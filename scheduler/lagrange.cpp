#include "scheduler/lagrange.h"

namespace unclip {

std::vector<double> lagrange_polynomial(const std::vector<double>& nodes, size_t j) {
  std::vector<double> polynomial = {1};
  for (size_t k = 0; k < nodes.size(); ++k) {
    if (k == j) continue;
    const double distance = nodes[j] - nodes[k];
    std::vector<double> product(polynomial.size() + 1);  // times (x - nodes[k]) / distance
    for (size_t n = 0; n < polynomial.size(); ++n) {
      product[n + 1] += polynomial[n] / distance;
      product[n] -= polynomial[n] * nodes[k] / distance;
    }
    polynomial = product;
  }
  return polynomial;
}

}  // namespace unclip
