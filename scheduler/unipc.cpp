#include <algorithm>
#include <cmath>
#include <deque>

#include "kernels/tensor.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

enum class B { kH, kExpm1 };  // the paper's B_1(h) = h, B_2(h) = e^h - 1

/// The solution of sum_k r_k^(n-1) w_k = b_n, n = 1 ... p: a small linear system, solved by
/// elimination.
std::vector<double> solved(const std::vector<double>& r, std::vector<double> b) {
  const size_t p = r.size();
  std::vector<std::vector<double>> a(p, std::vector<double>(p));
  for (size_t n = 0; n < p; ++n) {
    for (size_t k = 0; k < p; ++k) a[n][k] = std::pow(r[k], static_cast<double>(n));
  }
  for (size_t n = 0; n < p; ++n) {
    size_t pivot = n;
    for (size_t m = n + 1; m < p; ++m) {
      if (std::abs(a[m][n]) > std::abs(a[pivot][n])) pivot = m;
    }
    std::swap(a[n], a[pivot]);
    std::swap(b[n], b[pivot]);
    for (size_t m = n + 1; m < p; ++m) {
      const double factor = a[m][n] / a[n][n];
      for (size_t k = n; k < p; ++k) a[m][k] -= factor * a[n][k];
      b[m] -= factor * b[n];
    }
  }
  for (size_t n = p; n-- > 0;) {
    for (size_t k = n + 1; k < p; ++k) b[n] -= a[n][k] * b[k];
    b[n] /= a[n][n];
  }
  return b;
}

// A predictor, and a corrector that uses the next evaluation, so costs none of its own. In terms of
// x_0, with h = lambda(i + 1) - lambda(i) and D_k the prediction k steps back minus the latest,
//   x = (sigma' / sigma) x_t + alpha' (1 - e^-h) x_0 - alpha' B(-h) sum_k w_k D_k / r_k.
// Zhao et al. 2023, eqs. 9 and 11 and appendix F, https://arxiv.org/abs/2302.04867
class UniPc final : public Scheduler {
 public:
  UniPc(const SchedulerConfig& config, const WalkOptions& walk, int64_t order, B b,
        bool lower_order_final)
      : Scheduler(config, walk),
        order_(static_cast<size_t>(order)),
        b_(b),
        lower_order_final_(lower_order_final) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto x_0 = predict_x0(model_output, i, x_t);
    const auto x = i > 0 ? moved(i - 1, last_order_, &x_0) : x_t;  // corrected
    x_0_.push_front(x_0);
    if (x_0_.size() > order_) x_0_.pop_back();
    x_t_ = x;
    last_order_ =
        std::min({order_, x_0_.size(), lower_order_final_ ? timesteps().size() - i : order_});
    return moved(i, last_order_, nullptr);
  }

 private:
  /// Goes from x_t_ at level `from` to the next one. x_0_ holds the predictions of `from` and
  /// before; `there` is the prediction at the end of the step, which only the corrector has.
  at::Tensor moved(size_t from, size_t order, const at::Tensor* there) const {
    const auto &s = level(from), &t = level(from + 1);
    if (t.sigma() == 0) return x_0_.front();  // e^-h = 0
    const double h = t.lambda() - s.lambda();
    const double gain = -std::expm1(-h);
    const double b_h = b_ == B::kH ? -h : -gain;

    std::vector<double> r;
    std::vector<at::Tensor> d;
    for (size_t k = 1; k < order; ++k) {
      r.push_back((level(from - k).lambda() - s.lambda()) / h);
      d.push_back((x_0_[k] - x_0_[0]) / r.back());
    }
    if (there != nullptr) {
      r.push_back(1);
      d.push_back(*there - x_0_[0]);
    }
    auto x = t.sigma() / s.sigma() * x_t_ + t.alpha() * gain * x_0_[0];
    const auto w = weights(r, h, b_h);
    for (size_t k = 0; k < w.size(); ++k) x = x - t.alpha() * b_h * w[k] * d[k];
    return x;
  }

  std::vector<double> weights(const std::vector<double>& r, double h, double b_h) const {
    // Differs from the paper's condition for one difference, under which any w has the claimed
    // order: w is 1/2, as in the published code.
    if (r.size() == 1) return {0.5};
    std::vector<double> b;
    double phi = std::expm1(-h) / -h - 1, factorial = 1;
    for (size_t n = 1; n <= r.size(); ++n) {
      b.push_back(phi * factorial / b_h);
      factorial *= static_cast<double>(n + 1);
      phi = phi / -h - 1 / factorial;
    }
    return r.empty() ? b : solved(r, b);
  }

  const size_t order_;
  const B b_;
  const bool lower_order_final_;
  std::deque<at::Tensor> x_0_;  // the latest first
  at::Tensor x_t_;              // at the latest level
  size_t last_order_ = 1;
};

}  // namespace

std::unique_ptr<Scheduler> make_unipc(const SchedulerConfig& config, const WalkOptions& walk,
                                      SamplerOptions& own) {
  const auto b = own.choice("solver", {"bh2", "bh1"}) == 0 ? B::kExpm1 : B::kH;
  const auto order = own.integer("order", 2, 1, 3);
  return std::make_unique<UniPc>(config, walk, order, b, own.flag("lower_order_final", true));
}

}  // namespace unclip
