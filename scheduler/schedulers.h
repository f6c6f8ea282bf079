#pragma once

#include <memory>

#include "scheduler/scheduler.h"

namespace unclip {

/// What each sampler's file offers to registry.cpp, as make_NAME. It asks `own` for its options.
using MakeScheduler = std::unique_ptr<Scheduler>(const SchedulerConfig&, const WalkOptions&,
                                                 SamplerOptions& own);

}  // namespace unclip
