#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "scheduler/scheduler.h"

namespace unclip::lab {

/// The noise of a sampling run, level by level from the noisiest, or that of a schedule.
struct ScheduleTable {
  std::string name;
  std::vector<double> timesteps;
  std::vector<double> alpha_bar;
  /// Of a schedule, beta(t) of its own; of a sampler, 1 - alpha_bar(i) / alpha_bar(i + 1), what the
  /// step takes away.
  std::vector<double> beta;
  std::vector<double> sigma;   // sqrt((1 - alpha_bar) / alpha_bar), the noise beside a signal of 1
  std::vector<double> snr;     // alpha_bar / (1 - alpha_bar)
  std::vector<double> logsnr;  // its natural logarithm
  NoiseSchedule schedule;      // all T timesteps, of which the rows above are some

  size_t rows() const { return timesteps.size(); }
};

/// What a name is shown on: a schedule at `steps` timesteps of its own, a sampler in a walk of so
/// many over `schedule`.
struct TableOptions {
  /// Absent: as many as timesteps are listed, else 25, or all that a shorter schedule has.
  std::optional<int64_t> steps;
  std::string schedule = "cosine";
  ScheduleOptions schedule_options;
  std::string spacing;            // empty: "linspace" of a schedule, a walk's own of a sampler
  std::vector<double> timesteps;  // in place of spacing and steps, of schedules and samplers
  bool zero_snr = false;          // stretched by with_zero_terminal_snr()
  double side = 0, base = 64;     // shifted by with_shifted_snr() where side is above 0
  /// Stages of a model by name, each with its scheduler's config: their own walks may be shown.
  std::map<std::string, Config> stages;
};

/// `name` is one of options.stages, a noise schedule, or a walk as read_walk() takes it. Throws
/// Error if it is neither, with the nearest names.
ScheduleTable schedule_table(const std::string& name, const TableOptions& options);

/// The tables as CSV (name, step and the columns above), as a line of JSON each, and for people.
std::string as_csv(const std::vector<ScheduleTable>& tables);
std::string as_json(const std::vector<ScheduleTable>& tables);
std::string as_text(const std::vector<ScheduleTable>& tables);

}  // namespace unclip::lab
