#pragma once

#include <filesystem>
#include <vector>

#include "image/write_file.h"
#include "lab/schedule_table.h"

namespace unclip::lab {

/// Two panels, alpha_bar and log snr over the timesteps, a line for each table; by gnuplot, as SVG
/// or PNG. Returns the name that it got; throws Error as plot() does.
std::filesystem::path plot_schedules(const std::vector<ScheduleTable>& tables,
                                     const std::filesystem::path& file, WriteMode mode);

}  // namespace unclip::lab
