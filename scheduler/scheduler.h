#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/noise_level.h"
#include "scheduler/sampler_options.h"
#include "scheduler/schedule_file.h"
#include "scheduler/scheduler_config.h"
#include "scheduler/scheduler_spec.h"

namespace unclip {

class NoiseSource;

/// How to walk over a model, whatever its own sampler is.
struct WalkOptions {
  /// One of scheduler_names(), or "ddim_inverse": from x_0 to the x_T that "ddim" with the same
  /// steps, clip and eta = 0 leads back to x_0, over the same timesteps. Empty: the config's
  /// `_class_name`.
  std::string sampler;
  int64_t steps = 25;  // of the walk; a sampler may ask the model more than once in each
  /// Whether the prediction of x_0 is clipped; absent: as the config's clip_sample says.
  std::optional<bool> clip;
  std::string spacing;            // one of timestep_spacing_names(); empty: the config's
  std::vector<double> timesteps;  // in place of a spacing (see SpacingOptions)
  std::vector<double> sigmas;     // in place of a spacing: the levels', and last the end's
  ScheduleChoice schedule;        // in place of the config's
  double sigma_max = 0;  // where the walk begins (see SpacingOptions); 0: as the config says
  /// In (0, 1]: dynamic thresholding in place of clipping, each picture's x_0 clipped to this
  /// quantile of its magnitudes and divided by it, where it is above 1. 0: as the config says.
  /// Saharia et al. 2022, section 2.3, https://arxiv.org/abs/2205.11487
  double threshold = 0;
  std::map<std::string, std::string> own = {};  // the sampler's own options (see SamplerOptions)
};

/// How many steps the timesteps or sigmas that are listed make; 0 if none are.
int64_t listed_steps(const WalkOptions& walk);

/// A key that every sampler has.
struct CommonKey {
  const char* name;
  const char* value;  // what its value is
};
std::span<const CommonKey> common_keys();

/// "NAME[:key=value,...]", without steps: NAME is a sampler's or an alias of it
/// (scheduler/aliases.h), keys are common_keys() and the sampler's own. Lists have / or commas
/// between their numbers. Throws Error if the text is not like that; make_scheduler() throws for
/// what only the sampler knows. Opens no file: `schedule` is a name or a list of numbers.
WalkOptions parse_walk(const std::string& text);
/// The same, but `schedule` may name a schedule file, whose numbers become part of the result.
WalkOptions read_walk(const std::string& text);
/// The text that parse_walk() reads back.
std::string walk_text(const WalkOptions& walk);

/// A walk from noise to a sample, or back: which noise levels it visits, and the step from each to
/// the next. One object is one walk. x_t = sqrt(alpha_bar) x_0 + sqrt(1 - alpha_bar) eps, whatever
/// variables a sampler's paper has.
class Scheduler {
 public:
  /// Throws Error unless 1 <= walk.steps <= num_train_timesteps, and where its spacing is unknown.
  Scheduler(const SchedulerConfig& config, const WalkOptions& walk);
  virtual ~Scheduler() = default;

  /// What the model is asked about before each step, in [0, num_train_timesteps - 1]. Falling on
  /// the way to a sample; each stands as often as a step there asks the model.
  const std::vector<double>& timesteps() const { return timesteps_; }
  /// The noise levels of the above, and behind them the one where the walk ends.
  const NoiseLevel& level(size_t i) const { return levels_[i]; }

  /// From x_t at level(i) to level(i + 1).
  /// model_output (B, C, ...), or (B, 2 C, ...) where the variance is learned; x_t (B, C, ...)
  /// float32 -> the same shape. Draws from `noise` where the walk is stochastic and i is not last.
  virtual at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                          NoiseSource& noise) = 0;

  /// The prediction of x_0 from model_output (B, C or 2 C, ...), clipped or thresholded where the
  /// config says so. Ho et al. 2020, eq. 15; of v: Salimans & Ho 2022, section 4,
  /// https://arxiv.org/abs/2202.00512.
  at::Tensor predict_x0(const at::Tensor& model_output, size_t i, const at::Tensor& x_t) const;

 protected:
  /// A walk over other levels than these, in another order or more than once. `end` follows them.
  Scheduler(const SchedulerConfig& config, std::vector<NoiseLevel> levels, const NoiseLevel& end);
  /// The levels that `walk` asks for, and the one where it ends: without noise, unless the config
  /// or the walk's sigmas say otherwise.
  static std::vector<NoiseLevel> levels_of(const SchedulerConfig& config, const WalkOptions& walk);
  static NoiseLevel end_of(const SchedulerConfig& config, const WalkOptions& walk);

  bool is_last(size_t i) const { return i + 1 == timesteps_.size(); }
  double alpha_bar(size_t i) const { return levels_[i].alpha_bar; }
  /// The eps that x_0 leaves of x_t: x_t = alpha x_0 + sigma eps. If x_0 was clipped, it has
  /// changed with it.
  at::Tensor eps_beside(const at::Tensor& x_0, size_t i, const at::Tensor& x_t) const;
  /// The x_t of both at level(i).
  at::Tensor noised(const at::Tensor& x_0, const at::Tensor& eps, size_t i) const;

  const SchedulerConfig config_;

 private:
  const std::vector<NoiseLevel> levels_;  // one more than timesteps_
  const std::vector<double> timesteps_;
};

/// The sampling run that `walk` describes, of the network that `spec` describes: schedule,
/// prediction and variance are the spec's, and so are timesteps if the walk names none. Throws
/// Error if the sampler is unknown, or an option is another sampler's or out of its range.
std::unique_ptr<Scheduler> make_scheduler(const SchedulerSpec& spec, const WalkOptions& walk);
/// The same with the model's own sampler.
std::unique_ptr<Scheduler> make_scheduler(const SchedulerSpec& spec, int64_t steps);
/// The noise schedule of that run: the spec's, unless `walk` has its own.
NoiseSchedule noise_schedule(const SchedulerSpec& spec, const WalkOptions& walk);
/// Every sampler that walks from noise to a sample.
std::vector<std::string> scheduler_names();
/// Throws Error unless it is one of those.
void expect_to_sample(const std::string& sampler);
/// Its own options. Throws Error for an unknown name, with the nearest one.
std::vector<SamplerOptions::Known> sampler_options(const std::string& sampler);

}  // namespace unclip
