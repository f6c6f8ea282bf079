#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/write_file.h"

namespace unclip::lab {

/// How the error of a walk falls with its steps, where the exact solution is known.
struct Convergence {
  std::string walk, world;
  std::vector<int64_t> steps;
  /// At the walk's end: the worst of several starts; where the walk draws noise, how far the
  /// quantiles of 262,144 walks are from the exact ones, in the mean.
  std::vector<double> error;
  double chance = 0;  // an error that says nothing: 0.0015 where the walk draws noise

  /// The exponent of the step's length in the error, from the last two that lead to one of at least
  /// twice the chance; not a number where there are none.
  double order() const;
};

/// Each walk in a world of one Gaussian and in one of two, over steps that are even in log snr, in
/// double. Throws Error unless there are two numbers of steps at least, rising.
std::vector<Convergence> convergence(const std::vector<std::string>& walks,
                                     const std::vector<int64_t>& steps);

/// Every sampler but the consistency models' one, which does not solve the diffusion's equation.
std::vector<std::string> samplers_with_an_order();

/// As CSV (walk, world, steps, error, order), as a line of JSON each, and for people.
std::string as_csv(const std::vector<Convergence>& all);
std::string as_json(const std::vector<Convergence>& all);
std::string as_text(const std::vector<Convergence>& all);

/// Errors over steps, both by their logarithms, a panel for each world and a line for each walk,
/// whose orders in both worlds are in the legend; by gnuplot. Returns the name that the file got;
/// throws Error as plot() does.
std::filesystem::path plot_convergence(const std::vector<Convergence>& all,
                                       const std::filesystem::path& file, WriteMode mode);
/// The script of that.
std::string convergence_script(const std::vector<Convergence>& all);

}  // namespace unclip::lab
