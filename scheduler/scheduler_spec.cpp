#include "scheduler/scheduler_spec.h"

#include "base/config.h"

namespace unclip {

SchedulerSpec::SchedulerSpec(const Config& json)
    : config(SchedulerConfig::from(json)),
      own_sampler(published_sampler(json)),
      class_name(json.value_or<std::string>("_class_name", "")),
      file(json.name()) {}

}  // namespace unclip
