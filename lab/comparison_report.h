#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/statistics.h"
#include "base/write_file.h"
#include "lab/comparison.h"

namespace unclip::lab {

/// The results of a sampler with a number of steps, over all its images.
struct PairSummary {
  std::string walk;
  int64_t steps = 0, evaluations = 0, pictures = 0;
  Count faithful;              // of the images that the judge could judge
  std::optional<double> clip;  // mean
  double psnr = 0;             // median, dB
  double seconds = 0;          // mean, of the stage
};

/// Summarizes the results of compare(), in their order.
std::vector<PairSummary> summaries(const std::vector<Compared>& results);

/// The summaries as CSV, as one line of JSON each, and as a table for people.
std::string as_csv(const std::vector<PairSummary>& pairs);
std::string as_json(const std::vector<PairSummary>& pairs);
std::string as_text(const std::vector<PairSummary>& pairs);

/// Plots faithfulness with its interval, if it is known, and PSNR over evaluations, one line for
/// each sampler; uses gnuplot, and writes SVG or PNG. Returns the name that the file got; throws
/// Error if plot() does.
std::filesystem::path plot_comparison(const std::vector<PairSummary>& pairs,
                                      const std::filesystem::path& file, WriteMode mode);
/// The gnuplot script of that plot.
std::string comparison_script(const std::vector<PairSummary>& pairs);

/// A sheet with the first image of each pair, read from the folder's files: one row for each
/// sampler, one column for each number of steps. A combination that was not compared is white.
/// -> (3, H, W) uint8
at::Tensor comparison_sheet(const std::vector<Compared>& results, const RunFolder& folder);

}  // namespace unclip::lab
