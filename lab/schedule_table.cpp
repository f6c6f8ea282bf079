#include "lab/schedule_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/csv.h"
#include "base/json_text.h"
#include "base/nearest_name.h"
#include "scheduler/aliases.h"

namespace unclip::lab {
namespace {

using Column = std::vector<double> ScheduleTable::*;
struct Named {
  const char* name;
  Column values;
};
constexpr std::array kColumns = {
    Named{"timesteps", &ScheduleTable::timesteps},
    Named{"alpha_bar", &ScheduleTable::alpha_bar},
    Named{"beta", &ScheduleTable::beta},
    Named{"sigma", &ScheduleTable::sigma},
    Named{"snr", &ScheduleTable::snr},
    Named{"logsnr", &ScheduleTable::logsnr},
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

NoiseSchedule schedule_of(const std::string& name, const TableOptions& options) {
  auto schedule = make_noise_schedule(name, options.schedule_options);
  if (options.side > 0) schedule = with_shifted_snr(schedule, options.base, options.side);
  return options.zero_snr ? with_zero_terminal_snr(schedule) : schedule;
}

void add(ScheduleTable& table, const NoiseLevel& level, double beta) {
  const double snr = level.alpha_bar / (1 - level.alpha_bar);
  table.timesteps.push_back(level.timestep);
  table.alpha_bar.push_back(level.alpha_bar);
  table.beta.push_back(beta);
  table.sigma.push_back(level.ratio());
  table.snr.push_back(snr);
  table.logsnr.push_back(std::log(snr));
}

int64_t steps_of(const TableOptions& options, int64_t listed, int64_t num_train_timesteps) {
  constexpr int64_t kSteps = 25;
  if (options.steps) return *options.steps;
  if (listed > 0) return listed;
  return std::min(kSteps, num_train_timesteps);
}

ScheduleTable table_of_schedule(const std::string& name, const TableOptions& options) {
  const auto schedule = schedule_of(name, options);
  ScheduleTable table{.name = name, .schedule = schedule};
  const auto spacing =
      timestep_spacing_named(options.spacing.empty() ? "linspace" : options.spacing);
  const auto steps = steps_of(options, static_cast<int64_t>(options.timesteps.size()),
                              schedule.num_train_timesteps());
  for (const auto& level :
       walk_levels(schedule, steps, {.spacing = spacing, .timesteps = options.timesteps})) {
    const auto t = static_cast<size_t>(std::llround(level.timestep));
    add(table, level, schedule.beta[t]);
  }
  return table;
}

/// A scheduler config with the chosen schedule, for a model that predicts noise.
Config config_of(const TableOptions& options) {
  nlohmann::json json = {{"_class_name", "DDIMScheduler"}, {"timestep_spacing", "linspace"}};
  const auto schedule = schedule_of(options.schedule, options);
  json["trained_betas"] = schedule.beta;
  json["num_train_timesteps"] = schedule.num_train_timesteps();
  return Config::parse(json.dump(), "the schedule");
}

/// The table of a sampling run. It uses the timesteps and spacing of `walk`, or if it has none
/// those of the options.
ScheduleTable table_of_walk(const std::string& name, const Config& config, WalkOptions walk,
                            const TableOptions& options) {
  if (listed_steps(walk) == 0) walk.timesteps = options.timesteps;
  if (walk.spacing.empty() && walk.sigmas.empty()) walk.spacing = options.spacing;
  walk.steps =
      steps_of(options, listed_steps(walk), SchedulerConfig::from(config).num_train_timesteps);
  const auto scheduler = make_scheduler(config, walk);
  ScheduleTable table{.name = name, .schedule = noise_schedule(config, walk)};
  for (size_t i = 0; i < scheduler->timesteps().size(); ++i) {
    const auto& level = scheduler->level(i);
    add(table, level, 1 - level.alpha_bar / scheduler->level(i + 1).alpha_bar);
  }
  return table;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

}  // namespace

ScheduleTable schedule_table(const std::string& name, const TableOptions& options) {
  if (const auto stage = options.stages.find(name); stage != options.stages.end()) {
    return table_of_walk(name, stage->second, {}, options);
  }
  if (contains(noise_schedule_names(), schedule_meaning(name))) {
    return table_of_schedule(name, options);
  }
  auto names = scheduler_names();
  const auto meaning = sampler_meaning(name.substr(0, name.find(':')));
  if (!contains(names, meaning.substr(0, meaning.find(':')))) {
    const auto schedules = noise_schedule_names();
    names.insert(names.begin(), schedules.begin(), schedules.end());
    fail("there is no schedule or sampler '", name, "'; ", name_hint(name, names));
  }
  return table_of_walk(name, config_of(options), read_walk(name), options);
}

std::string as_csv(const std::vector<ScheduleTable>& tables) {
  std::string text = "name,step,timestep,alpha_bar,beta,sigma,snr,logsnr\n";
  for (const auto& table : tables) {
    for (size_t i = 0; i < table.rows(); ++i) {
      std::vector<std::string> record = {table.name, std::to_string(i)};
      for (const auto& column : kColumns) record.push_back(number((table.*column.values)[i]));
      text += csv_record(record);
    }
  }
  return text;
}

std::string as_json(const std::vector<ScheduleTable>& tables) {
  std::string text;
  for (const auto& table : tables) {
    nlohmann::ordered_json json = {{"name", table.name}};
    for (const auto& column : kColumns) json[column.name] = table.*column.values;
    text += json_text(json) + "\n";
  }
  return text;
}

std::string as_text(const std::vector<ScheduleTable>& tables) {
  std::string text;
  for (const auto& table : tables) {
    if (!text.empty()) text += "\n";
    text.append(table.name).append("\n");
    text += " step   timestep    alpha_bar         beta        sigma          snr   logsnr\n";
    for (size_t i = 0; i < table.rows(); ++i) {
      char row[160];
      std::snprintf(row, sizeof row, "%5zu %10.2f %12.6g %12.6g %12.6g %12.6g %8.3f\n", i,
                    table.timesteps[i], table.alpha_bar[i], table.beta[i], table.sigma[i],
                    table.snr[i], table.logsnr[i]);
      text += row;
    }
  }
  return text;
}

}  // namespace unclip::lab
