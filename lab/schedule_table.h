#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "scheduler/scheduler.h"

namespace unclip::lab {

/// The noise levels of a sampling run or of a schedule, the noisiest first.
struct ScheduleTable {
  std::string name;
  std::vector<double> timesteps;
  std::vector<double> alpha_bar;
  /// For a schedule, its own beta(t); for a sampler, 1 - alpha_bar(i) / alpha_bar(i + 1), the noise
  /// that the step removes.
  std::vector<double> beta;
  std::vector<double> sigma;   // sqrt((1 - alpha_bar) / alpha_bar), the noise for a signal of 1
  std::vector<double> snr;     // alpha_bar / (1 - alpha_bar)
  std::vector<double> logsnr;  // its natural logarithm
  NoiseSchedule schedule;      // all T timesteps; the rows above are some of them

  size_t rows() const { return timesteps.size(); }
};

/// Options of a table: a schedule is listed at `steps` of its timesteps, a sampler in a run of that
/// many steps with `schedule`.
struct TableOptions {
  /// If absent: the number of `timesteps`, or without these 25, or all of a shorter schedule.
  std::optional<int64_t> steps;
  std::string schedule = "cosine";
  ScheduleOptions schedule_options;
  std::string spacing;            // empty: "linspace" for a schedule, a sampler's own for a sampler
  std::vector<double> timesteps;  // in place of spacing and steps, for schedules and samplers
  bool zero_snr = false;          // apply with_zero_terminal_snr()
  double side = 0, base = 64;     // apply with_shifted_snr() if side is above 0
  /// Stages of a model by name, with their scheduler configs, so that their own sampling runs can
  /// be listed.
  std::map<std::string, Config> stages;
};

/// The table of a name, which is one of options.stages, a noise schedule, or a sampler as text for
/// read_walk(). Throws Error for any other name; the message suggests the nearest ones.
ScheduleTable schedule_table(const std::string& name, const TableOptions& options);

/// The tables as CSV (name, step and the columns above), as one line of JSON each, and as tables
/// for people.
std::string as_csv(const std::vector<ScheduleTable>& tables);
std::string as_json(const std::vector<ScheduleTable>& tables);
std::string as_text(const std::vector<ScheduleTable>& tables);

}  // namespace unclip::lab
