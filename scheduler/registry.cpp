#include <array>
#include <string_view>

#include "core/config.h"
#include "scheduler/schedulers.h"

namespace unclip {
namespace {

enum class Towards { kSample, kNoise };

struct Entry {
  std::string_view name;
  std::string_view class_name;
  Towards towards;
  std::string_view own_option;  // of WalkOptions, that no other sampler has
  MakeScheduler* make;
};

constexpr std::array kSchedulers = {
    Entry{"unclip", "UnCLIPScheduler", Towards::kSample, "", make_unclip_scheduler},
    Entry{"ddim", "DDIMScheduler", Towards::kSample, "eta", make_ddim},
    Entry{"ddim_inverse", "DDIMInverseScheduler", Towards::kNoise, "iterations", make_ddim_inverse},
};

/// The values of a column, as a message lists them.
std::string listed(std::string_view Entry::*column) {
  std::string text;
  for (const auto& entry : kSchedulers) {
    text += (text.empty() ? "\"" : ", \"") + std::string(entry.*column) + "\"";
  }
  return text;
}

const Entry& find_entry(const Config& config, const std::string& sampler) {
  if (sampler.empty()) {
    const auto name =
        config.value_or<std::string>("_class_name", std::string(kSchedulers.front().class_name));
    for (const auto& entry : kSchedulers) {
      if (name == entry.class_name) return entry;
    }
    config.fail_value("_class_name", "one of " + listed(&Entry::class_name));
  }
  for (const auto& entry : kSchedulers) {
    if (sampler == entry.name) return entry;
  }
  fail("there is no sampler '", sampler, "'; one of ", listed(&Entry::name), " is wanted");
}

void expect_own(const Entry& entry, std::string_view option, bool is_set) {
  if (is_set && entry.own_option != option) fail("sampler '", entry.name, "' has no ", option);
}

}  // namespace

std::unique_ptr<Scheduler> make_scheduler(const Config& config, const WalkOptions& walk) {
  const auto& entry = find_entry(config, walk.sampler);
  const WalkOptions defaults;
  expect_own(entry, "eta", walk.eta != defaults.eta);
  expect_own(entry, "iterations", walk.iterations != defaults.iterations);
  auto scheduler_config = SchedulerConfig::from(config);
  scheduler_config.clip_sample = walk.clip.value_or(scheduler_config.clip_sample);
  return entry.make(scheduler_config, walk);
}

std::unique_ptr<Scheduler> make_scheduler(const Config& config, int64_t steps) {
  return make_scheduler(config, WalkOptions{.steps = steps});
}

std::vector<std::string> scheduler_names() {
  std::vector<std::string> names;
  for (const auto& entry : kSchedulers) {
    if (entry.towards == Towards::kSample) names.emplace_back(entry.name);
  }
  return names;
}

}  // namespace unclip
