#pragma once

#include <filesystem>

#include "scheduler/noise_schedule.h"

namespace unclip {

/// A schedule from a file that ends in .csv, whose first line names its columns, or in .json, an
/// object of arrays or an array alone: `alpha_bar` or `alpha_bars` where that is there, else `beta`
/// or `betas`; an array alone is betas. Nothing in the file is trusted: throws Error where it is
/// not so, or its numbers are no schedule.
NoiseSchedule read_schedule(const std::filesystem::path& path);

}  // namespace unclip
