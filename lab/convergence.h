#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/write_file.h"

namespace unclip::lab {

/// The error of a sampler as its number of steps grows, in a world whose exact solution is known.
struct Convergence {
  std::string walk, world;
  std::vector<int64_t> steps;
  /// The error at the end of the run: the largest over several starts; or, if the sampler draws
  /// noise, the mean difference between the quantiles of 262,144 runs and the exact ones.
  std::vector<double> error;
  double chance = 0;  // errors up to this are random: 0.0015 if the sampler draws noise

  /// The order of convergence, which is the exponent of the step's length in the error. It is
  /// computed from the last two numbers of steps whose errors are at least twice `chance`; NaN if
  /// there are none.
  double order() const;
};

/// Measures each sampler in a world of one Gaussian and in one of two, with steps evenly spaced in
/// log snr, in double. Throws Error unless `steps` has at least two numbers, in ascending order.
std::vector<Convergence> convergence(const std::vector<std::string>& walks,
                                     const std::vector<int64_t>& steps);

/// The names of all samplers except that of consistency models, which does not solve the
/// diffusion's equation.
std::vector<std::string> samplers_with_an_order();

/// The results as CSV (walk, world, steps, error, order), as one line of JSON each, and as a table
/// for people.
std::string as_csv(const std::vector<Convergence>& all);
std::string as_json(const std::vector<Convergence>& all);
std::string as_text(const std::vector<Convergence>& all);

/// Plots errors over steps on logarithmic axes, with one panel for each world and one line for each
/// sampler; the legend has the sampler's orders in both worlds. Uses gnuplot. Returns the name that
/// the file got; throws Error if plot() does.
std::filesystem::path plot_convergence(const std::vector<Convergence>& all,
                                       const std::filesystem::path& file, WriteMode mode);
/// The gnuplot script of that plot.
std::string convergence_script(const std::vector<Convergence>& all);

}  // namespace unclip::lab
