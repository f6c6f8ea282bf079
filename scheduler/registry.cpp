#include <limits>
#include <string_view>

#include "base/error.h"
#include "base/nearest_name.h"
#include "scheduler/schedulers.h"

// Every sampler, one line each: NAME means make_NAME in the sampler's source file.
#define UNCLIP_SAMPLERS(X) \
  X(unclip)                \
  X(ddpm)                  \
  X(ddim)                  \
  X(euler)                 \
  X(euler_ancestral)       \
  X(heun)                  \
  X(lms)                   \
  X(pndm)                  \
  X(dpmpp_1s)              \
  X(dpmpp_2s)              \
  X(dpmpp_2m)              \
  X(dpmpp_2m_sde)          \
  X(dpmpp_3m_sde)          \
  X(unipc)                 \
  X(deis)                  \
  X(sa_solver)             \
  X(lcm)
// Samplers that go from a sample to noise.
#define UNCLIP_INVERSIONS(X) X(ddim_inverse)

namespace unclip {

#define UNCLIP_DECLARE(name) MakeScheduler make_##name;
UNCLIP_SAMPLERS(UNCLIP_DECLARE)
UNCLIP_INVERSIONS(UNCLIP_DECLARE)

namespace {

struct Entry {
  std::string_view name;
  MakeScheduler* make;
  bool to_sample;
};

#define UNCLIP_SAMPLER(name) Entry{#name, make_##name, true},
#define UNCLIP_INVERSION(name) Entry{#name, make_##name, false},
constexpr Entry kSchedulers[] = {UNCLIP_SAMPLERS(UNCLIP_SAMPLER)
                                     UNCLIP_INVERSIONS(UNCLIP_INVERSION)};

const Entry& find_entry(const std::string& sampler) {
  for (const auto& entry : kSchedulers) {
    if (sampler == entry.name) return entry;
  }
  fail("there is no sampler '", sampler, "'; ", name_hint(sampler, scheduler_names()));
}

}  // namespace

namespace {

/// The config, with the schedule of `walk` in place of its own if there is one.
SchedulerConfig config_of(SchedulerConfig result, const WalkOptions& walk) {
  const auto& own = walk.schedule;
  if (own.is_configs()) return result;
  const auto T = result.num_train_timesteps;
  if (!own.numbers.empty() && static_cast<int64_t>(own.numbers.size()) != T) {
    fail("schedule: expected ", T, " timesteps, which the model was trained on, got ",
         own.numbers.size());
  }
  result.rescale_betas_zero_snr = false;
  result.trained_betas.clear();
  if (own.name.empty()) {
    (own.is_alpha_bar ? result.alpha_bars : result.trained_betas) = own.numbers;
  } else {
    result.beta_schedule = own.name;
  }
  return result;
}

}  // namespace

NoiseSchedule noise_schedule(const SchedulerSpec& spec, const WalkOptions& walk) {
  return noise_schedule(config_of(spec.config, walk));
}

std::unique_ptr<Scheduler> make_scheduler(const SchedulerSpec& spec, const WalkOptions& walk) {
  auto scheduler_config = config_of(spec.config, walk);
  scheduler_config.clip_sample = walk.clip.value_or(scheduler_config.clip_sample);
  if (walk.clip) scheduler_config.thresholding = scheduler_config.thresholding && *walk.clip;
  if (walk.threshold > 0) {
    scheduler_config.thresholding = true;
    scheduler_config.dynamic_thresholding_ratio = walk.threshold;
    scheduler_config.sample_max_value = std::numeric_limits<double>::infinity();
  }
  auto chosen = walk;
  if (walk.sampler.empty()) {
    chosen.sampler = spec.own_sampler.sampler;
    for (const auto& [name, value] : spec.own_sampler.own) chosen.own.emplace(name, value);
  }
  SamplerOptions own(chosen.sampler, chosen.own);
  auto scheduler = find_entry(chosen.sampler).make(scheduler_config, chosen, own);
  own.expect_all_known();
  return scheduler;
}

std::unique_ptr<Scheduler> make_scheduler(const SchedulerSpec& spec, int64_t steps) {
  return make_scheduler(spec, WalkOptions{.steps = steps});
}

std::vector<std::string> scheduler_names() {
  std::vector<std::string> names;
  for (const auto& entry : kSchedulers) {
    if (entry.to_sample) names.emplace_back(entry.name);
  }
  return names;
}

void expect_to_sample(const std::string& sampler) {
  if (!find_entry(sampler).to_sample) fail("'", sampler, "' walks from a sample to noise");
}

std::vector<SamplerOptions::Known> sampler_options(const std::string& sampler) {
  SamplerOptions own(sampler, {});
  find_entry(sampler).make({}, {.steps = 1}, own);
  return own.known();
}

}  // namespace unclip
