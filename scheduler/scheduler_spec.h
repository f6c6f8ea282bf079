#pragma once

#include <string>

#include "scheduler/published_class.h"
#include "scheduler/scheduler_config.h"

namespace unclip {

/// A parsed and checked scheduler_config.json: what the network was trained on, and the sampler
/// that the file names.
struct SchedulerSpec {
  SchedulerConfig config;
  PublishedSampler own_sampler;
  std::string class_name;  // the file's `_class_name`; empty if it has none
  std::string file;        // for messages

  SchedulerSpec() = default;
  /// Throws Error if the class or one of its keys asks for what is not implemented.
  SchedulerSpec(const Config& json);  // NOLINT: not explicit, because tests pass a config
};

}  // namespace unclip
