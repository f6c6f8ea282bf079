#include "lab/schedule_plot.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "lab/gnuplot.h"
#include "lab/plot_style.h"

namespace unclip::lab {
namespace {

std::string name_of(const char* block, size_t k) {
  std::string name("$");
  return name.append(block).append(std::to_string(k));
}

/// $curveK: t, alpha_bar, log snr, sigma and beta of all timesteps. A run with a schedule that is
/// drawn already has no curve of its own.
void add_curve(std::ostream& script, size_t k, const NoiseSchedule& schedule) {
  script << name_of("curve", k) << " << END\n";
  for (int64_t t = 0; t < schedule.num_train_timesteps(); ++t) {
    const auto i = static_cast<size_t>(t);
    const double sigma = schedule.ratio(t);
    script << t << " " << schedule.alpha_bar[i] << " " << -2 * std::log(sigma) << " " << sigma
           << " " << schedule.beta[i] << "\n";
  }
  script << "END\n";
}

/// $stepsK: t, alpha_bar, log snr, sigma and the number of each step.
void add_steps(std::ostream& script, size_t k, const ScheduleTable& table) {
  script << name_of("steps", k) << " << END\n";
  for (size_t i = 0; i < table.rows(); ++i) {
    script << table.timesteps[i] << " " << table.alpha_bar[i] << " " << table.logsnr[i] << " "
           << table.sigma[i] << " " << i << "\n";
  }
  script << "END\n";
}

class Panels {
 public:
  explicit Panels(const std::vector<ScheduleTable>& tables) : tables_(tables) {
    for (size_t k = 0; k < tables_.size(); ++k) {
      size_t first = 0;
      while (tables_[first].schedule.alpha_bar != tables_[k].schedule.alpha_bar) ++first;
      curve_.push_back(first);
    }
  }

  std::string script() {
    for (size_t k = 0; k < tables_.size(); ++k) {
      if (curve_[k] == k) add_curve(script_, k, tables_[k].schedule);
      add_steps(script_, k, tables_[k]);
    }
    script_ << panels_with_legend(2, 3, legend_share()) << "set xlabel 'timestep'\n"
            << "set xtics " << std::max<int64_t>(1, most_timesteps() / 4) << "\n";
    panel("alpha\\_bar", 2, true);
    script_ << no_legend();
    panel("log snr", 3, true);
    script_ << "set logscale y\nset format y '10^{%T}'\n";
    panel("sigma", 4, true);
    panel("beta", 5, false);
    script_ << "set xlabel 'step'\nset xtics autofreq\n";
    by_step("sigma of each step");
    return script_.str();
  }

 private:
  int64_t most_timesteps() const {
    int64_t most = 0;
    for (const auto& table : tables_) most = std::max(most, table.schedule.num_train_timesteps());
    return most;
  }

  double legend_share() const {
    size_t longest = 0;
    for (const auto& table : tables_) longest = std::max(longest, table.name.size());
    return std::clamp(0.05 + 0.0058 * static_cast<double>(longest), 0.12, 0.35);
  }

  /// Plots a column of the curves over t, and of the steps too if they have it.
  void panel(const char* title, int column, bool with_steps) {
    script_ << "set title '" << title << "'\nplot ";
    const char* between = "";
    for (size_t k = 0; k < tables_.size(); ++k) {
      const auto style = curve_style(k);
      if (curve_[k] == k) {
        script_ << between << name_of("curve", k) << " using 1:" << column << " with lines "
                << style << " notitle";
        between = ", ";
      }
      if (!with_steps) continue;
      script_ << between << name_of("steps", k) << " using 1:" << column << " with points " << style
              << " notitle, keyentry with linespoints " << style << " title "
              << quoted(tables_[k].name);
      between = ", ";
    }
    script_ << "\n";
  }

  void by_step(const char* title) {
    script_ << "set title '" << title << "'\nplot ";
    for (size_t k = 0; k < tables_.size(); ++k) {
      script_ << (k == 0 ? "" : ", ") << name_of("steps", k) << " using 5:4 with linespoints "
              << curve_style(k) << " notitle";
    }
    script_ << "\n";
  }

  const std::vector<ScheduleTable>& tables_;
  std::vector<size_t> curve_;  // the first table with the same schedule
  std::ostringstream script_;
};

}  // namespace

std::string schedules_script(const std::vector<ScheduleTable>& tables) {
  return Panels(tables).script();
}

std::filesystem::path plot_schedules(const std::vector<ScheduleTable>& tables,
                                     const std::filesystem::path& file, WriteMode mode) {
  return plot(schedules_script(tables), file, 1500, 850, mode);
}

}  // namespace unclip::lab
