#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/statistics.h"
#include "base/write_file.h"
#include "lab/comparison.h"

namespace unclip::lab {

/// What a walk in a number of steps came to, over its pictures.
struct PairSummary {
  std::string walk;
  int64_t steps = 0, evaluations = 0, pictures = 0;
  Count faithful;              // of the pictures that the judge could tell of
  std::optional<double> clip;  // mean
  double psnr = 0;             // median, dB
  double seconds = 0;          // mean, of the stage
};

/// Of compare()'s results, in their order.
std::vector<PairSummary> summaries(const std::vector<Compared>& results);

/// As CSV, as a line of JSON each, and for people.
std::string as_csv(const std::vector<PairSummary>& pairs);
std::string as_json(const std::vector<PairSummary>& pairs);
std::string as_text(const std::vector<PairSummary>& pairs);

/// Faithfulness with its interval, if it is known, and PSNR over evaluations, a line for each walk;
/// by gnuplot, as SVG or PNG. Returns the name that it got; throws Error as plot() does.
std::filesystem::path plot_comparison(const std::vector<PairSummary>& pairs,
                                      const std::filesystem::path& file, WriteMode mode);
/// The script of that.
std::string comparison_script(const std::vector<PairSummary>& pairs);

/// The first image of each pair, walks downwards and steps to the right, from the folder's files; a
/// combination that was not compared is left white.
/// -> (3, H, W) uint8
at::Tensor comparison_sheet(const std::vector<Compared>& results, const RunFolder& folder);

}  // namespace unclip::lab
