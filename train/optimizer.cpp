#include "train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace unclip::train {
namespace {

// Whether it is a matrix inside a network: not a table of vectors, and not a layer that reads or
// writes pixels or timesteps.
bool is_hidden_matrix(const std::string& key, const at::Tensor& parameter) {
  if (parameter.dim() < 2 || parameter.numel() / parameter.size(0) < 16) return false;
  for (const char* outer : {"embed", "conv_in", "conv_out", "scene_head", "proj_in"}) {
    if (key.find(outer) != std::string::npos) return false;
  }
  return true;
}

}  // namespace

Optimizer::Optimizer(std::vector<std::pair<std::string, at::Tensor>> parameters,
                     OptimizerConfig config)
    : config_(config) {
  for (auto& [key, parameter] : parameters) {
    const bool by_muon = config.matrix_rate > 0 && is_hidden_matrix(key, parameter);
    (by_muon ? orthogonal_ : parameter.dim() > 1 ? decayed_ : undecayed_).push_back(keys_.size());
    keys_.push_back(key);
    first_moments_.push_back(at::zeros_like(parameter));
    second_moments_.push_back(at::zeros_like(parameter));
    averages_.push_back(parameter.detach().clone());
    parameters_.push_back(parameter);
  }
}

double Optimizer::progress(int64_t step) const {
  const double rise = static_cast<double>(step + 1) / static_cast<double>(config_.warm_up + 1);
  const double fall = config_.cool_down > 0 ? static_cast<double>(config_.steps - step) /
                                                  static_cast<double>(config_.cool_down)
                                            : 1.0;
  return std::clamp(std::min(rise, fall), 0.0, 1.0);
}

double Optimizer::update(int64_t step) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (auto& parameter : parameters_) {
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    gradients.push_back(parameter.grad());
  }
  const auto norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (!std::isfinite(norm)) fail("step ", step, ": the gradient is not finite; nothing was saved");
  if (norm > config_.clip_norm) at::_foreach_mul_(gradients, config_.clip_norm / norm);

  update_group(decayed_, step, config_.weight_decay);
  update_group(undecayed_, step, 0);
  update_orthogonal(step);

  // A smaller decay in early steps, so that the averages forget the initialization.
  const double decay = std::min(config_.average_decay, (1.0 + static_cast<double>(step)) /
                                                           (10.0 + static_cast<double>(step)));
  at::_foreach_lerp_(averages_, parameters_, 1 - decay);
  for (auto& parameter : parameters_) parameter.mutable_grad() = at::Tensor();
  return norm;
}

void Optimizer::update_group(const std::vector<size_t>& group, int64_t step, double weight_decay) {
  constexpr double kEps = 1e-8;
  std::vector<at::Tensor> parameters, gradients, first, second, steps;
  for (const auto i : group) {
    parameters.push_back(parameters_[i]);
    gradients.push_back(parameters_[i].grad());
    first.push_back(first_moments_[i]);
    second.push_back(second_moments_[i]);
    steps.push_back(at::scalar_tensor(static_cast<double>(step + 1),
                                      parameters_[i].options().dtype(at::kFloat)));
  }
  if (parameters.empty()) return;
  at::_fused_adamw_(parameters, gradients, first, second, /*max_exp_avg_sqs=*/{}, steps,
                    learning_rate(step), config_.beta_1, config_.beta_2, weight_decay, kEps,
                    /*amsgrad=*/false, /*maximize=*/false);
}

void Optimizer::update_orthogonal(int64_t step) {
  constexpr double kMomentum = 0.95;
  const double rate = config_.matrix_rate * progress(step);
  // Matrices of one shape are orthogonalised together.
  std::map<std::pair<int64_t, int64_t>, std::vector<size_t>> by_shape;
  for (const auto i : orthogonal_) {
    const auto& p = parameters_[i];
    by_shape[{p.size(0), p.numel() / p.size(0)}].push_back(i);
  }
  for (const auto& [shape, group] : by_shape) {
    const auto [rows, columns] = shape;
    std::vector<at::Tensor> directions;
    for (const auto i : group) {
      const auto& gradient = parameters_[i].grad();
      first_moments_[i].lerp_(gradient, 1 - kMomentum);
      directions.push_back(gradient.lerp(first_moments_[i], kMomentum).reshape({rows, columns}));
    }
    const auto moves = orthogonalised(at::stack(directions));
    const double ratio = static_cast<double>(rows) / static_cast<double>(columns);
    const double size = rate * std::sqrt(std::max(1.0, ratio));
    for (size_t k = 0; k < group.size(); ++k) {
      auto& parameter = parameters_[group[k]];
      parameter.mul_(1 - rate * config_.weight_decay);
      parameter.sub_(moves[static_cast<int64_t>(k)].view(parameter.sizes()), size);
    }
  }
}

at::Tensor orthogonalised(const at::Tensor& x) {
  constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315;
  constexpr int kSteps = 5;
  const bool tall = x.size(1) > x.size(2);
  auto y = tall ? x.transpose(1, 2) : x;
  y = y / (y.norm(2, {1, 2}, true) + 1e-7);
  for (int i = 0; i < kSteps; ++i) {
    const auto s = at::bmm(y, y.transpose(1, 2));
    y = kA * y + at::bmm(kB * s + kC * at::bmm(s, s), y);
  }
  return tall ? y.transpose(1, 2) : y;
}

std::map<std::string, at::Tensor> Optimizer::averages() const {
  std::map<std::string, at::Tensor> result;
  for (size_t i = 0; i < keys_.size(); ++i) result[keys_[i]] = averages_[i];
  return result;
}

void Optimizer::swap_averages() {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const auto kept = parameters_[i].detach().clone();
    parameters_[i].copy_(averages_[i]);
    averages_[i].copy_(kept);
  }
}

std::map<std::string, at::Tensor> Optimizer::state() const {
  std::map<std::string, at::Tensor> state;
  for (size_t i = 0; i < keys_.size(); ++i) {
    state["parameter/" + keys_[i]] = parameters_[i].detach();
    state["first_moment/" + keys_[i]] = first_moments_[i];
    state["second_moment/" + keys_[i]] = second_moments_[i];
    state["average/" + keys_[i]] = averages_[i];
  }
  return state;
}

void Optimizer::restore(const std::map<std::string, at::Tensor>& state) {
  const at::NoGradGuard no_grad;
  const auto copy = [&](const std::string& name, at::Tensor& into) {
    const auto found = state.find(name);
    if (found == state.end()) fail("the saved run lacks '", name, "'");
    if (found->second.sizes() != into.sizes()) {
      fail("the saved run's '", name, "' has another shape than the model's");
    }
    into.copy_(found->second);
  };
  for (size_t i = 0; i < keys_.size(); ++i) {
    copy("parameter/" + keys_[i], parameters_[i]);
    copy("first_moment/" + keys_[i], first_moments_[i]);
    copy("second_moment/" + keys_[i], second_moments_[i]);
    copy("average/" + keys_[i], averages_[i]);
  }
}

}  // namespace unclip::train
