#pragma once

#include <memory>

#include "scheduler/scheduler.h"

namespace unclip {

// What each scheduler's file offers to registry.cpp.

using MakeScheduler = std::unique_ptr<Scheduler>(const SchedulerConfig&, const WalkOptions&);

MakeScheduler make_unclip_scheduler;
MakeScheduler make_ddim;
MakeScheduler make_ddim_inverse;

}  // namespace unclip
