#include <algorithm>
#include <cmath>
#include <deque>

#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/lagrange.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

constexpr int64_t kMostSaOrder = 4;

struct SaOptions {
  size_t predictor_order = 2, corrector_order = 2;
  double tau = 1;  // amount of noise: 0 none, 1 that of the diffusion itself
  bool lower_order_final = true;
  double least = 0.2, most = 0.8;  // noise is added only between these t / T
};

// Adams methods for the diffusion's stochastic equation, whose noise is scaled by tau: a predictor,
// and a corrector that uses the next evaluation, so costs none of its own, and the predictor's
// noise. With a = 1 + tau^2, h = lambda(i + 1) - lambda(i) and P a polynomial through predictions
// of x_0,
//   x = e^(-tau^2 h) (sigma' / sigma) x_t
//       + alpha' integral_0^h a e^(-a (h - v)) P(v) dv + sigma' sqrt(1 - e^(-2 tau^2 h)) noise.
// Xue et al. 2023, algorithm 1, https://arxiv.org/abs/2305.14267
class SaSolver final : public Scheduler {
 public:
  SaSolver(const SchedulerConfig& config, const WalkOptions& walk, const SaOptions& own)
      : Scheduler(config, walk), own_(own) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource& noise) override {
    x_0_.push_front(predict_x0(model_output, i, x_t));
    if (x_0_.size() > std::max(own_.predictor_order, own_.corrector_order)) x_0_.pop_back();
    x_t_ = i > 0 ? moved(i - 1, i, corrector_order(i)) : x_t;
    if (own_.tau > 0 && !is_last(i)) noise_ = noise.draw_like(x_t);
    return moved(i, i, predictor_order(i));
  }

 private:
  // The order is lower in the first steps, because there are too few predictions, and in the last
  // ones, for stability.
  size_t predictor_order(size_t i) const {
    return std::min({own_.predictor_order, i + 1, most_order(timesteps().size() - i)});
  }
  size_t corrector_order(size_t i) const {
    return std::min({own_.corrector_order, i + 1, most_order(timesteps().size() - i + 2)});
  }
  size_t most_order(size_t near_the_end) const {
    return own_.lower_order_final ? near_the_end : kMostSaOrder;
  }

  double tau(size_t i) const {
    const double place = level(i).timestep / static_cast<double>(config_.num_train_timesteps);
    return !is_last(i) && place >= own_.least && place <= own_.most ? own_.tau : 0;
  }

  /// Goes from x_t_ at level `from` to the next one, using the last `order` predictions up to that
  /// of level `latest`.
  at::Tensor moved(size_t from, size_t latest, size_t order) const {
    const auto &s = level(from), &t = level(from + 1);
    if (t.sigma() == 0) return x_0_.front();  // e^-h = 0
    const double h = t.lambda() - s.lambda(), tau_2 = std::pow(tau(from), 2);
    std::vector<double> nodes;
    for (size_t k = 0; k < order; ++k) nodes.push_back(level(latest - k).lambda() - s.lambda());
    auto x = std::exp(-tau_2 * h) * t.sigma() / s.sigma() * x_t_;
    for (size_t k = 0; k < order; ++k) x = x + t.alpha() * weight(nodes, k, h, 1 + tau_2) * x_0_[k];
    if (tau_2 == 0) return x;
    return x + t.sigma() * std::sqrt(-std::expm1(-2 * tau_2 * h)) * noise_;
  }

  /// integral_0^h a e^(-a (h - v)) P(v) dv, where P is the Lagrange polynomial of node k.
  static double weight(const std::vector<double>& nodes, size_t k, double h, double a) {
    double moment = -std::expm1(-a * h), sum = 0;  // of v^n: m_n = h^n - n / a m_(n-1)
    const auto polynomial = lagrange_polynomial(nodes, k);
    for (size_t n = 0; n < polynomial.size(); ++n) {
      if (n > 0) moment = std::pow(h, n) - static_cast<double>(n) / a * moment;
      // Differs from the paper for two nodes: m_1 is replaced by its first term in h, as in the
      // paper's published code for few steps.
      sum += polynomial[n] * (n == 1 && nodes.size() == 2 ? a * h * h / 2 : moment);
    }
    return sum;
  }

  const SaOptions own_;
  std::deque<at::Tensor> x_0_;  // the latest first
  at::Tensor x_t_, noise_;      // x_t at the latest level; noise of the step from there
};

}  // namespace

std::unique_ptr<Scheduler> make_sa_solver(const SchedulerConfig& config, const WalkOptions& walk,
                                          SamplerOptions& own) {
  SaOptions options;
  options.predictor_order = static_cast<size_t>(own.integer("order", 2, 1, kMostSaOrder));
  options.corrector_order = static_cast<size_t>(own.integer("corrector_order", 2, 1, kMostSaOrder));
  options.lower_order_final = own.flag("lower_order_final", true);
  options.tau = own.number("tau", options.tau, 0, 10);
  options.least = own.number("tau_least", options.least, 0, 1);
  options.most = own.number("tau_most", options.most, options.least, 1);
  return std::make_unique<SaSolver>(config, walk, options);
}

}  // namespace unclip
