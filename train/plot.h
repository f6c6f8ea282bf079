#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace unclip::train {

/// A quantity in a run's log, with its values by step.
struct Curve {
  std::string name;
  std::map<int64_t, double> values;
};

/// Reads RUN/NAME.csv: lines of a step and pairs of a name and a number. If a step is in the log
/// twice, because a run was continued from an older checkpoint, the last value counts. Curves are
/// in the order in which their names first appear. Throws Error that begins with `name` and names
/// the line, what was expected and what was found.
std::vector<Curve> parse_log(std::string_view csv, const std::string& name);

struct PlotOptions {
  std::filesystem::path log;  // CSV
  std::filesystem::path out;  // .svg or .png
};

/// Plots each quantity of a run's log over the steps. Throws Error if the log cannot be read,
/// gnuplot is not installed, or the plot cannot be written.
void plot_log(const PlotOptions& options);

}  // namespace unclip::train
