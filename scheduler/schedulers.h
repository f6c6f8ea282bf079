#pragma once

#include <memory>

#include "scheduler/scheduler.h"

namespace unclip {

// What each scheduler's file offers to registry.cpp.

std::unique_ptr<Scheduler> make_unclip_scheduler(const SchedulerConfig& config, int64_t steps);

}  // namespace unclip
