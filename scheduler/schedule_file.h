#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/noise_schedule.h"

namespace unclip {

/// The schedule of a specification: one of noise_schedule_names() but "file", or T numbers; without
/// either, the model's own.
struct ScheduleChoice {
  std::string name;
  std::vector<double> numbers;  // alpha_bar(t), else beta(t)
  bool is_alpha_bar = true;

  bool is_configs() const { return name.empty() && numbers.empty(); }
};

/// The numbers of a schedule from the text of a .csv, whose first line names its columns, or of a
/// .json, an object of arrays or an array: the first of `alphas_cumprod`, `alpha_bar`,
/// `alpha_bars`, `sigma`, `sigmas`, `beta` and `betas` that is there; a JSON array by itself has
/// betas. Sigma is sqrt((1 - alpha_bar) / alpha_bar). The last alpha_bar may be 0, the last beta 1
/// and the last sigma `inf` (in a CSV): see schedule_of_alpha_bars(). alpha_bar
/// and sigma may begin at either end. `name` stands for the file in
/// messages. Throws Error if the text is not like that.
ScheduleChoice parse_schedule_csv(std::string_view text, const std::string& name);
ScheduleChoice parse_schedule_json(std::string_view text, const std::string& name);
/// The same of a file, by its ending. Throws Error for another ending, and for what
/// schedule_of_numbers() throws.
ScheduleChoice read_schedule_numbers(const std::filesystem::path& path);

/// Throws Error that begins with `name` if the numbers are no schedule's.
NoiseSchedule schedule_of_numbers(const ScheduleChoice& choice, const std::string& name);
/// The schedule of a file.
NoiseSchedule read_schedule(const std::filesystem::path& path);

}  // namespace unclip
