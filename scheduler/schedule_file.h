#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/noise_schedule.h"

namespace unclip {

/// A schedule as WalkOptions names it: one of noise_schedule_names() except "file", or T numbers.
/// If both are empty, it is the model's own schedule.
struct ScheduleChoice {
  std::string name;
  std::vector<double> numbers;  // alpha_bar(t) if is_alpha_bar, otherwise beta(t)
  bool is_alpha_bar = true;

  bool is_configs() const { return name.empty() && numbers.empty(); }
};

/// Parses the numbers of a schedule from the text of a .csv file, whose first line names its
/// columns, or of a .json file, which is an object of arrays or one array. The numbers are those of
/// the first of these columns or keys that exists: `alphas_cumprod`, `alpha_bar`, `alpha_bars`,
/// `sigma`, `sigmas`, `beta` and `betas`; a JSON array by itself holds betas. Sigma is sqrt((1 -
/// alpha_bar) / alpha_bar). The last alpha_bar may be 0, the last beta 1 and the last sigma `inf`
/// (in a CSV): see schedule_of_alpha_bars(). alpha_bar and sigma may begin at either end. Messages
/// call the file `name`. Throws Error if the text has another form.
ScheduleChoice parse_schedule_csv(std::string_view text, const std::string& name);
ScheduleChoice parse_schedule_json(std::string_view text, const std::string& name);
/// Reads the numbers from a file, whose extension says which of the two it is. Throws Error for any
/// other extension, and if schedule_of_numbers() does.
ScheduleChoice read_schedule_numbers(const std::filesystem::path& path);

/// Throws Error that begins with `name` if the numbers do not make a schedule.
NoiseSchedule schedule_of_numbers(const ScheduleChoice& choice, const std::string& name);
/// The schedule of a file.
NoiseSchedule read_schedule(const std::filesystem::path& path);

}  // namespace unclip
