#include <array>

#include "core/config.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

struct Entry {
  const char* class_name;
  std::unique_ptr<Scheduler> (*make)(const SchedulerConfig&, int64_t steps);
};

constexpr std::array kSchedulers = {
    Entry{"UnCLIPScheduler", make_unclip_scheduler},
};

}  // namespace

std::unique_ptr<Scheduler> make_scheduler(const Config& config, int64_t steps) {
  const auto name = config.value_or<std::string>("_class_name", kSchedulers.front().class_name);
  std::string known;
  for (const auto& entry : kSchedulers) {
    if (name == entry.class_name) return entry.make(SchedulerConfig::from(config), steps);
    known += (known.empty() ? "\"" : ", \"") + std::string(entry.class_name) + "\"";
  }
  config.fail_value("_class_name", "one of " + known);
}

std::vector<std::string> scheduler_names() {
  std::vector<std::string> names;
  for (const auto& entry : kSchedulers) names.emplace_back(entry.class_name);
  return names;
}

}  // namespace unclip
