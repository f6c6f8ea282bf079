#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/write_file.h"
#include "lab/schedule_table.h"

namespace unclip::lab {

/// Plots five panels: alpha_bar, log snr, sigma and beta over all timesteps of each schedule, with
/// the steps of a sampling run as markers, and sigma over the number of the step. Uses gnuplot, and
/// writes SVG or PNG. Returns the name that the file got; throws Error if plot() does.
std::filesystem::path plot_schedules(const std::vector<ScheduleTable>& tables,
                                     const std::filesystem::path& file, WriteMode mode);

/// The gnuplot script of that plot.
std::string schedules_script(const std::vector<ScheduleTable>& tables);

}  // namespace unclip::lab
