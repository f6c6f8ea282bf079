#pragma once

#include <memory>

#include "scheduler/scheduler.h"

namespace unclip {

/// The function that each sampler's source file defines for registry.cpp under the name make_NAME.
/// It reads the sampler's options from `own`.
using MakeScheduler = std::unique_ptr<Scheduler>(const SchedulerConfig&, const WalkOptions&,
                                                 SamplerOptions& own);

}  // namespace unclip
