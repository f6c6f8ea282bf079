#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/write_file.h"

namespace unclip::lab {

/// How the error of a walk falls with its steps, where the exact solution is known.
struct Convergence {
  std::string walk, world;
  std::vector<int64_t> steps;
  std::vector<double> error;  // the worst of several starts, at the walk's end

  /// The exponent of the step's length in the error, from the last two.
  double order() const;
};

/// Each walk in a world of one Gaussian and in one of two, over steps that are even in log snr, in
/// double. At least two numbers of steps, rising. Throws Error for a walk that draws noise: where
/// it should end is not known.
std::vector<Convergence> convergence(const std::vector<std::string>& walks,
                                     const std::vector<int64_t>& steps);

/// The samplers that draw no noise, without options.
std::vector<std::string> noiseless_samplers();

/// As CSV (walk, world, steps, error, order), as a line of JSON each, and for people.
std::string as_csv(const std::vector<Convergence>& all);
std::string as_json(const std::vector<Convergence>& all);
std::string as_text(const std::vector<Convergence>& all);

/// Errors over steps, both by their logarithms, a panel for each world and a line for each walk, by
/// gnuplot. Returns the name that the file got; throws Error as plot() does.
std::filesystem::path plot_convergence(const std::vector<Convergence>& all,
                                       const std::filesystem::path& file, WriteMode mode);

}  // namespace unclip::lab
