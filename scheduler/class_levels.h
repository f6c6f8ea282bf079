#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/noise_level.h"
#include "scheduler/scheduler_config.h"

namespace unclip {

/// The levels of a run of n steps as the config's class spaces them, of falling noise: diffusers'
/// set_timesteps(n), https://github.com/huggingface/diffusers, version 0.42.1. `sigma_max` above 0
/// leaves out all levels with more noise.
/// Differs from diffusers: one linspace step is at T - 1, and a trailing run has n steps.
/// Throws Error if n is not possible, or the levels would not fall.
std::vector<NoiseLevel> class_levels(const SchedulerConfig& config, const NoiseSchedule& schedule,
                                     int64_t n, double sigma_max);

}  // namespace unclip
