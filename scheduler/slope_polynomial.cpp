#include "scheduler/slope_polynomial.h"

#include <algorithm>

#include "kernels/tensor.h"

namespace unclip {

at::Tensor SlopePolynomial::step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                                 NoiseSource&) {
  const auto x_0 = predict_x0(model_output, i, x_t);
  eps_.push_front(eps_beside(x_0, i, x_t));
  if (eps_.size() > order_) eps_.pop_back();
  std::vector<double> nodes;  // r of each slope, the latest first
  for (size_t k = 0; k < std::min(eps_.size(), order(i)); ++k)
    nodes.push_back(level(i - k).ratio());
  // y + sum_k w_k eps_[k], where y = x_0 + r eps_[0] and sum_k w_k = r' - r.
  auto x = x_0;
  for (size_t k = 1; k < nodes.size(); ++k) {
    const double w = integral(nodes, k, level(i).ratio(), level(i + 1).ratio());
    x = x + w * (eps_[k] - eps_[0]);
  }
  return noised(x, eps_[0], i + 1);
}

}  // namespace unclip
