#pragma once

#include <cstdint>

#include "scheduler/scheduler.h"

namespace unclip {

/// From an image to the noise from which "ddim" leads back to it: "ddim_inverse" without clipping.
WalkOptions inversion_walk(int64_t steps, int64_t iterations = 1);

}  // namespace unclip
