#include "lab/schedule_plot.h"

#include <sstream>

#include "lab/gnuplot.h"

namespace unclip::lab {
namespace {

void add_panel(std::ostream& script, const std::vector<ScheduleTable>& tables, const char* title,
               std::vector<double> ScheduleTable::*values) {
  script << "set title '" << title << "'\nplot ";
  for (size_t k = 0; k < tables.size(); ++k) {
    script << (k == 0 ? "" : ", ") << "'-' using 1:2 with linespoints pt 7 ps 0.4 title "
           << quoted(tables[k].name);
  }
  script << "\n";
  for (const auto& table : tables) {
    for (size_t i = 0; i < table.rows(); ++i) {
      script << table.timesteps[i] << " " << (table.*values)[i] << "\n";
    }
    script << "e\n";
  }
}

}  // namespace

std::filesystem::path plot_schedules(const std::vector<ScheduleTable>& tables,
                                     const std::filesystem::path& file, WriteMode mode) {
  std::ostringstream script;
  script << "set multiplot layout 1,2\nset grid\nset xlabel 'timestep'\nset key noenhanced\n";
  add_panel(script, tables, "alpha\\_bar", &ScheduleTable::alpha_bar);
  add_panel(script, tables, "log snr", &ScheduleTable::logsnr);
  return plot(script.str(), file, 1100, 450, mode);
}

}  // namespace unclip::lab
