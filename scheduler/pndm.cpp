#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "kernels/tensor.h"
#include "nn/attention.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

// DDIM's step with a prediction computed from the last four by the Adams-Bashforth formula. Derived
// classes compute the first of them.
// Liu et al. 2022, eqs. 9 and 12, https://arxiv.org/abs/2202.09778
//
// Differs from the paper for a network that predicts v, as the published PNDMScheduler does: the
// predictions are combined as the network made them, and the sum is converted to eps with the x_t
// that is stepped from. Predictions of x_0, which that class does not have, and clipped ones are
// converted first, so that the order of the method remains.
class Pndm : public Scheduler {
 protected:
  using Scheduler::Scheduler;

  /// The form of a prediction in which predictions are added.
  at::Tensor prediction_of(const at::Tensor& model_output, size_t i, const at::Tensor& x_t) const {
    if (converts_first()) return eps_beside(predict_x0(model_output, i, x_t), i, x_t);
    return is_learned(config_.variance_type) ? halves(model_output, 1).first : model_output;
  }
  /// x_t at level(to), from x_t at level(from) and a sum of predictions.
  at::Tensor moved(const at::Tensor& x_t, size_t from, size_t to,
                   const at::Tensor& prediction) const {
    const bool is_v = !converts_first() && config_.prediction_type == PredictionType::kVPrediction;
    const double alpha = level(from).alpha(), sigma = level(from).sigma();
    const auto eps = is_v ? alpha * prediction + sigma * x_t : prediction;
    return noised((x_t - sigma * eps) / alpha, eps, to);
  }

  void remember(const at::Tensor& prediction) {
    predictions_.push_front(prediction);
    if (predictions_.size() > 4) predictions_.pop_back();
  }
  at::Tensor extrapolated() const {
    const auto& e = predictions_;  // the latest first
    switch (e.size()) {
      case 1:
        return e[0];
      case 2:
        return (3 * e[0] - e[1]) / 2;
      case 3:
        return (23 * e[0] - 16 * e[1] + 5 * e[2]) / 12;
      default:
        return (55 * e[0] - 59 * e[1] + 37 * e[2] - 9 * e[3]) / 24;
    }
  }

 private:
  bool converts_first() const {
    return config_.prediction_type == PredictionType::kSample || config_.clip_sample ||
           config_.thresholding;
  }

  std::deque<at::Tensor> predictions_;
};

/// The levels with the second one doubled: the first step is repeated with the prediction found
/// there.
std::vector<NoiseLevel> with_second_look(std::vector<NoiseLevel> levels) {
  if (levels.size() > 1) levels.insert(levels.begin() + 1, levels[1]);
  return levels;
}

// Takes the first step twice, the second time with the mean of the predictions at both ends: the
// form (PLMS) that latent diffusion models use.
class PlmsPndm final : public Pndm {
 public:
  PlmsPndm(const SchedulerConfig& config, const WalkOptions& walk)
      : Pndm(config, with_second_look(levels_of(config, walk)), end_of(config, walk)) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto prediction = prediction_of(model_output, i, x_t);
    if (i == 1) return moved(x_T_, 0, 1, (prediction + first_) / 2);
    if (i == 0) {
      x_T_ = x_t;
      first_ = prediction;
    }
    remember(prediction);
    return moved(x_t, i, i + 1, extrapolated());
  }

 private:
  at::Tensor x_T_, first_;
};

constexpr size_t kStages = 4;  // of the Runge-Kutta method
constexpr size_t kWarmUp = 3;  // steps of that method, after which there are four predictions

size_t warm_up_steps(size_t steps) { return std::min(kWarmUp, steps - 1); }

/// The level halfway through a step: for its second and for its third evaluation.
using Middles = std::pair<NoiseLevel, NoiseLevel>;

/// The level halfway by timestep, which may be a fraction.
Middles exact_middles(const NoiseSchedule& schedule, double from, double to) {
  const double middle = (from + to) / 2;
  const NoiseLevel level{.timestep = middle, .alpha_bar = schedule.alpha_bar_at(middle)};
  return {level, level};
}

/// PNDMScheduler's, in whole numbers: the network gets the timestep half a step above `to`, rounded
/// down, and the second evaluation has the noise of half a step below `from`.
Middles whole_middles(const NoiseSchedule& schedule, double from, double to, int64_t steps) {
  const auto half = static_cast<double>(schedule.num_train_timesteps() / steps / 2);
  return {{.timestep = to + half, .alpha_bar = schedule.alpha_bar_at(from - half)},
          {.timestep = to + half, .alpha_bar = schedule.alpha_bar_at(to + half)}};
}

/// The levels, with four for each of the first steps: at its start, twice in its middle, and at its
/// end.
std::vector<NoiseLevel> with_middles(const SchedulerConfig& config,
                                     const std::vector<NoiseLevel>& levels, bool whole) {
  const auto schedule = noise_schedule(config);
  const auto warm_up = warm_up_steps(levels.size());
  std::vector<NoiseLevel> all;
  for (size_t k = 0; k < warm_up; ++k) {
    const double from = levels[k].timestep, to = levels[k + 1].timestep;
    const auto steps = static_cast<int64_t>(levels.size());
    const auto [second, third] =
        whole ? whole_middles(schedule, from, to, steps) : exact_middles(schedule, from, to);
    all.insert(all.end(), {levels[k], second, third, levels[k + 1]});
  }
  all.insert(all.end(), levels.begin() + static_cast<std::ptrdiff_t>(warm_up), levels.end());
  return all;
}

// Takes the first three steps by the Runge-Kutta method, with four evaluations each. Liu et al.
// 2022,
// section 3.3
class RungeKuttaPndm final : public Pndm {
 public:
  RungeKuttaPndm(const SchedulerConfig& config, const WalkOptions& walk, bool whole)
      : Pndm(config, with_middles(config, levels_of(config, walk), whole), end_of(config, walk)),
        warm_up_(kStages * warm_up_steps(static_cast<size_t>(walk.steps))) {}

  at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                  NoiseSource&) override {
    const auto prediction = prediction_of(model_output, i, x_t);
    if (i >= warm_up_) {
      remember(prediction);
      return moved(x_t, i, i + 1, extrapolated());
    }
    const size_t stage = i % kStages, begin = i - stage;
    if (stage == 0) {
      remember(prediction);
      begin_ = x_t;
      sum_ = ops::zeros_like(prediction);
    }
    sum_ = sum_ + (stage == 0 || stage == 3 ? 1 : 2) * prediction;
    // Each stage starts from the beginning of the step, and goes to the level of the next
    // evaluation.
    return moved(begin_, begin, std::min(i + 1, begin + kStages - 1),
                 stage == 3 ? sum_ / 6 : prediction);
  }

 private:
  const size_t warm_up_;  // evaluations
  at::Tensor begin_, sum_;
};

}  // namespace

std::unique_ptr<Scheduler> make_pndm(const SchedulerConfig& config, const WalkOptions& walk,
                                     SamplerOptions& own) {
  const auto warm_up = own.choice("warm_up", {"plms", "runge_kutta"});
  const auto middle = own.choice("middle", {"exact", "whole"});
  if (warm_up == 0) return std::make_unique<PlmsPndm>(config, walk);
  return std::make_unique<RungeKuttaPndm>(config, walk, /*whole=*/middle == 1);
}

}  // namespace unclip
