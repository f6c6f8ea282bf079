#pragma once

#include <filesystem>
#include <vector>

#include "lab/schedule_table.h"

namespace unclip::lab {

/// Two panels, alpha_bar and log snr over the timesteps, a line for each table; by gnuplot, as SVG
/// or PNG. Throws Error as plot() does.
void plot_schedules(const std::vector<ScheduleTable>& tables, const std::filesystem::path& file);

}  // namespace unclip::lab
