#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/scheduler_config.h"

namespace unclip {

class NoiseSource;

/// A walk from noise to a sample, or back: which timesteps it visits, and the step from each to the
/// next. One object is one walk.
class Scheduler {
 public:
  /// Throws Error unless 1 <= steps <= num_train_timesteps.
  Scheduler(const SchedulerConfig& config, int64_t steps);
  virtual ~Scheduler() = default;

  /// What the model is asked about before each step, in [0, num_train_timesteps). Decreasing on the
  /// way to a sample.
  const std::vector<int64_t>& timesteps() const { return timesteps_; }

  /// From x_t at timesteps()[i] to the next timestep; the last step ends at x_0.
  /// model_output (B, C, ...), or (B, 2 C, ...) where the variance is learned; x_t (B, C, ...)
  /// float32 -> the same shape. Draws from `noise` where the walk is stochastic and i is not last.
  virtual at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                          NoiseSource& noise) = 0;

 protected:
  /// A walk over other timesteps than the config's.
  Scheduler(const SchedulerConfig& config, std::vector<int64_t> timesteps);

  bool is_last(size_t i) const { return i + 1 == timesteps_.size(); }
  /// alpha_bar at timesteps()[i]; after the last timestep, where the walk ends: 1, or alpha_bar(0)
  /// where the config says so.
  float alpha_bar(size_t i) const;
  /// The prediction of x_0 from model_output (B, C or 2 C, ...), clipped where the config says so.
  /// Ho et al. 2020, eq. 15; of v: Salimans & Ho 2022, section 4,
  /// https://arxiv.org/abs/2202.00512.
  at::Tensor predict_x0(const at::Tensor& model_output, size_t i, const at::Tensor& x_t) const;

  const SchedulerConfig config_;
  const NoiseSchedule schedule_;
  const std::vector<int64_t> timesteps_;
};

/// How to walk over a model, whatever its own sampler is.
struct WalkOptions {
  /// "unclip"; "ddim"; or "ddim_inverse", from x_0 to the x_T that "ddim" with the same steps, clip
  /// and eta = 0 leads back to x_0, over the same timesteps. Empty: the config's `_class_name`.
  std::string sampler;
  int64_t steps = 25;
  /// Whether the prediction of x_0 is clipped; absent: as the config's clip_sample says.
  std::optional<bool> clip;
  /// ddim's noise, in [0, 1]: 0 none, 1 as much as ancestral sampling.
  double eta = 0;
  /// ddim_inverse's evaluations of the model for each step. With one it errs in first order of the
  /// step's length; each further one divides the error. timesteps() has each timestep so often, and
  /// only after the last is x there.
  int64_t iterations = 1;
};

/// The walk that `walk` asks for, over the model that a scheduler_config.json describes: schedule,
/// prediction, variance, timesteps are the config's. Throws Error where the sampler is unknown, or
/// an option is another sampler's or out of its range.
std::unique_ptr<Scheduler> make_scheduler(const Config& config, const WalkOptions& walk);
/// The same with the config's own sampler.
std::unique_ptr<Scheduler> make_scheduler(const Config& config, int64_t steps);
/// Every sampler that walks from noise to a sample.
std::vector<std::string> scheduler_names();

}  // namespace unclip
