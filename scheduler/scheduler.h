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

/// How to sample from a model, with its own sampler or with another.
struct WalkOptions {
  /// One of scheduler_names(), or "ddim_inverse": from x_0 to the x_T that "ddim" with the same
  /// steps, clip and eta = 0 leads back to x_0, over the same timesteps. Empty: the config's
  /// `_class_name`.
  std::string sampler;
  int64_t steps = 25;  // of the run; a sampler may evaluate the model more than once in each
  /// Whether the prediction of x_0 is clipped; if absent, the config's clip_sample decides.
  std::optional<bool> clip;
  std::string spacing;            // one of timestep_spacing_names(); empty: the config's
  std::vector<double> timesteps;  // in place of a spacing (see SpacingOptions)
  std::vector<double> sigmas;     // in place of a spacing: of each level, then of the end
  ScheduleChoice schedule;        // empty: the config's
  double sigma_max = 0;           // of the first level (see SpacingOptions); 0: as the config says
  /// In (0, 1]: dynamic thresholding in place of clipping. The x_0 of each image is clipped to this
  /// quantile of its magnitudes and divided by it, if the quantile is above 1. 0: as the config
  /// says. Saharia et al. 2022, section 2.3, https://arxiv.org/abs/2205.11487
  double threshold = 0;
  std::map<std::string, std::string> own = {};  // the sampler's own options (see SamplerOptions)
};

/// The number of steps of the listed timesteps or sigmas; 0 if none are listed.
int64_t listed_steps(const WalkOptions& walk);

/// A key that every sampler has.
struct CommonKey {
  const char* name;
  const char* value;  // description of its value
};
std::span<const CommonKey> common_keys();

/// Parses "NAME[:key=value,...]". NAME is a sampler or an alias of one (scheduler/aliases.h), keys
/// are common_keys() and the sampler's own; the number of steps is not among them. Numbers of a
/// list are separated by / or commas. Opens no file: `schedule` is a name or a list of numbers.
/// Throws Error if the text has another form; make_scheduler() checks the values that only the
/// sampler knows.
WalkOptions parse_walk(const std::string& text);
/// The same, but `schedule` may name a schedule file, whose numbers are copied into the result.
WalkOptions read_walk(const std::string& text);
/// The text that parse_walk() reads back.
std::string walk_text(const WalkOptions& walk);

/// A sampling run from noise to a sample, or back: the noise levels that it visits, and the step
/// from each to the next. One object serves one run. Samples are always x_t = sqrt(alpha_bar) x_0 +
/// sqrt(1 - alpha_bar) eps, whatever variables the sampler's paper uses.
class Scheduler {
 public:
  /// Throws Error if walk.steps is not in [1, num_train_timesteps], or if the spacing is unknown.
  Scheduler(const SchedulerConfig& config, const WalkOptions& walk);
  virtual ~Scheduler() = default;

  /// The timestep of each evaluation of the model, in [0, num_train_timesteps - 1]; each is
  /// followed by one call of step(). They fall on the way to a sample. A sampler that evaluates the
  /// model several times at one timestep lists it as often.
  const std::vector<double>& timesteps() const { return timesteps_; }
  /// The noise level of timesteps()[i]; for i = timesteps().size(), the level at which the run
  /// ends.
  const NoiseLevel& level(size_t i) const { return levels_[i]; }

  /// Takes x_t from level(i) to level(i + 1).
  /// model_output (B, C, ...), or (B, 2 C, ...) if the variance is learned; x_t (B, C, ...) float32
  /// -> the same shape. Draws from `noise` if the sampler is stochastic and i is not the last
  /// index; `ddpm` on the config's own levels draws on the last, too, if its timestep is not 0.
  virtual at::Tensor step(const at::Tensor& model_output, size_t i, const at::Tensor& x_t,
                          NoiseSource& noise) = 0;

  /// The prediction of x_0 from model_output (B, C or 2 C, ...), clipped or thresholded if the
  /// options or the config say so. Ho et al. 2020, eq. 15; of v: Salimans & Ho 2022, section 4,
  /// https://arxiv.org/abs/2202.00512.
  at::Tensor predict_x0(const at::Tensor& model_output, size_t i, const at::Tensor& x_t) const;

 protected:
  /// For samplers that visit other levels than levels_of(), in another order or more than once; the
  /// run ends at `end`.
  Scheduler(const SchedulerConfig& config, std::vector<NoiseLevel> levels, const NoiseLevel& end);
  /// The levels that `walk` asks for, and the level at which the run ends: without noise, unless
  /// the config or the sigmas in `walk` say otherwise.
  static std::vector<NoiseLevel> levels_of(const SchedulerConfig& config, const WalkOptions& walk);
  static NoiseLevel end_of(const SchedulerConfig& config, const WalkOptions& walk);

  bool is_last(size_t i) const { return i + 1 == timesteps_.size(); }
  double alpha_bar(size_t i) const { return levels_[i].alpha_bar; }
  /// The eps for which x_t = alpha x_0 + sigma eps at level(i). If x_0 was clipped, it differs from
  /// the network's.
  at::Tensor eps_beside(const at::Tensor& x_0, size_t i, const at::Tensor& x_t) const;
  /// x_t at level(i), made of x_0 and eps.
  at::Tensor noised(const at::Tensor& x_0, const at::Tensor& eps, size_t i) const;

  const SchedulerConfig config_;

 private:
  const std::vector<NoiseLevel> levels_;  // one more than timesteps_
  const std::vector<double> timesteps_;
};

/// The sampling run that `walk` describes, for the network that `spec` describes. `spec` gives the
/// prediction type and the variance type, and also the schedule and the timesteps unless `walk` has
/// its own. Throws Error if the sampler is unknown, or if it does not have an option or its value
/// is out of range.
std::unique_ptr<Scheduler> make_scheduler(const SchedulerSpec& spec, const WalkOptions& walk);
/// The same with the model's own sampler and its options.
std::unique_ptr<Scheduler> make_scheduler(const SchedulerSpec& spec, int64_t steps);
/// The noise schedule of that run: the spec's, unless `walk` has its own.
NoiseSchedule noise_schedule(const SchedulerSpec& spec, const WalkOptions& walk);
/// The names of all samplers that go from noise to a sample.
std::vector<std::string> scheduler_names();
/// Throws Error unless `sampler` is one of scheduler_names().
void expect_to_sample(const std::string& sampler);
/// The sampler's own options. Throws Error for an unknown name; the message suggests the nearest
/// one.
std::vector<SamplerOptions::Known> sampler_options(const std::string& sampler);

}  // namespace unclip
