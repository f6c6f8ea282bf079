#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/write_file.h"
#include "lab/schedule_table.h"

namespace unclip::lab {

/// Five panels: alpha_bar, log snr, sigma and beta over all timesteps of each schedule, with the
/// steps of a run as markers, and sigma over the step's number. By gnuplot, as SVG or PNG. Returns
/// the name that the file got; throws Error as plot() does.
std::filesystem::path plot_schedules(const std::vector<ScheduleTable>& tables,
                                     const std::filesystem::path& file, WriteMode mode);

/// The script of that.
std::string schedules_script(const std::vector<ScheduleTable>& tables);

}  // namespace unclip::lab
