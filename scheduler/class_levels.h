#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/noise_level.h"
#include "scheduler/scheduler_config.h"

namespace unclip {

/// The noise levels of a run of n steps, from most to least noise, spaced as the diffusers class of
/// the config does: its set_timesteps(n), https://github.com/huggingface/diffusers, version 0.42.1.
/// If `sigma_max` is above 0, levels with more noise than that are left out.
/// Differs from diffusers: a linspace run of one step uses timestep T - 1, and a trailing run
/// always has n steps.
/// Throws Error if n steps are not possible, or if the levels would not fall.
std::vector<NoiseLevel> class_levels(const SchedulerConfig& config, const NoiseSchedule& schedule,
                                     int64_t n, double sigma_max);

}  // namespace unclip
