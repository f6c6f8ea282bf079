#include "lab/comparison_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/csv.h"
#include "image/contact_sheet.h"
#include "image/png.h"
#include "kernels/tensor.h"
#include "lab/gnuplot.h"
#include "lab/plot_style.h"
#include "lab/settings.h"

namespace unclip::lab {
namespace {

std::string decimals(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string faithful_text(const Count& count) {
  if (count.of == 0) return "-";
  const auto [low, high] = wilson_interval(count);
  return decimals(100 * count.share(), 1) + " % (" + decimals(100 * low, 1) + " to " +
         decimals(100 * high, 1) + ")";
}

std::string psnr_text(double psnr) {
  return std::isinf(psnr) ? "the same" : decimals(psnr, 1) + " dB";
}

std::vector<std::string> walks_of(const std::vector<PairSummary>& pairs) {
  std::vector<std::string> walks;
  for (const auto& pair : pairs) {
    if (std::find(walks.begin(), walks.end(), pair.walk) == walks.end()) walks.push_back(pair.walk);
  }
  return walks;
}

/// The value of a pair in a panel, and its interval.
struct Point {
  double value, low, high;
};

/// The plot of all samplers that have a point, as lines, with intervals if `interval` is set.
template <class PointOf>
void add_panel(std::ostream& script, const std::vector<PairSummary>& pairs, const char* title,
               const char* look, const PointOf& point_of) {
  const auto walks = walks_of(pairs);
  std::ostringstream data;
  const char* between = "plot ";
  script << "set ylabel '" << title << "'\n";
  for (size_t k = 0; k < walks.size(); ++k) {
    std::ostringstream points;
    for (const auto& pair : pairs) {
      const Point p = point_of(pair);
      if (pair.walk != walks[k] || !std::isfinite(p.value)) continue;
      points << pair.evaluations << " " << p.value << " " << p.low << " " << p.high << "\n";
    }
    script << between << "'-' " << look << " " << curve_style(k) << " title " << quoted(walks[k]);
    between = ", ";
    // A sampler without a point still has its line in the legend.
    data << (points.str().empty() ? "NaN NaN NaN NaN\n" : points.str()) << "e\n";
  }
  script << "\n" << data.str();
}

}  // namespace

std::vector<PairSummary> summaries(const std::vector<Compared>& results) {
  std::vector<PairSummary> pairs;
  std::vector<double> psnr;
  double clip = 0;
  const auto finish = [&] {
    if (pairs.empty()) return;
    auto& pair = pairs.back();
    const auto n = static_cast<double>(pair.pictures);
    pair.psnr = median(psnr);
    pair.seconds /= n;
    if (pair.clip) pair.clip = clip / n;
  };
  for (const auto& r : results) {
    if (pairs.empty() || pairs.back().walk != r.walk || pairs.back().steps != r.steps) {
      finish();
      pairs.push_back({.walk = r.walk, .steps = r.steps, .evaluations = r.evaluations});
      psnr.clear();
      clip = 0;
    }
    auto& pair = pairs.back();
    ++pair.pictures;
    if (r.score.faithful) pair.faithful.add(*r.score.faithful);
    if (r.score.clip) clip += *r.score.clip;
    pair.clip = r.score.clip;
    psnr.push_back(r.psnr);
    pair.seconds += r.seconds;
  }
  finish();
  return pairs;
}

std::string as_csv(const std::vector<PairSummary>& pairs) {
  auto text = csv_record({"walk", "steps", "evaluations", "pictures", "faithful", "faithful_low",
                          "faithful_high", "clip", "psnr", "seconds"});
  for (const auto& pair : pairs) {
    const auto [low, high] = wilson_interval(pair.faithful);
    const bool judged = pair.faithful.of > 0;
    text +=
        csv_record({pair.walk, std::to_string(pair.steps), std::to_string(pair.evaluations),
                    std::to_string(pair.pictures), judged ? csv_number(pair.faithful.share()) : "",
                    judged ? csv_number(low) : "", judged ? csv_number(high) : "",
                    pair.clip ? csv_number(*pair.clip) : "",
                    std::isinf(pair.psnr) ? "" : csv_number(pair.psnr), csv_number(pair.seconds)});
  }
  return text;
}

std::string as_json(const std::vector<PairSummary>& pairs) {
  std::string text;
  for (const auto& pair : pairs) {
    nlohmann::ordered_json json = {{"walk", pair.walk},
                                   {"steps", pair.steps},
                                   {"evaluations", pair.evaluations},
                                   {"pictures", pair.pictures}};
    if (pair.faithful.of > 0) {
      const auto [low, high] = wilson_interval(pair.faithful);
      json["faithful"] = {
          {"yes", pair.faithful.yes}, {"of", pair.faithful.of}, {"low", low}, {"high", high}};
    }
    if (pair.clip) json["clip"] = *pair.clip;
    json["psnr"] = nullptr;  // null: the images are equal
    if (std::isfinite(pair.psnr)) json["psnr"] = pair.psnr;
    json["seconds"] = pair.seconds;
    text += json.dump() + "\n";
  }
  return text;
}

std::string as_text(const std::vector<PairSummary>& pairs) {
  size_t width = 4;
  for (const auto& pair : pairs) width = std::max(width, pair.walk.size());
  std::ostringstream text;
  const auto row = [&](const std::string& walk, const std::vector<std::string>& cells) {
    text << walk << std::string(width - walk.size(), ' ');
    constexpr size_t kWidths[] = {7, 13, 10, 28, 8, 11};
    for (size_t i = 0; i < cells.size(); ++i) {
      text << std::string(kWidths[i] - std::min(kWidths[i], cells[i].size()), ' ') << cells[i];
    }
    text << "\n";
  };
  row("walk", {"steps", "evaluations", "seconds", "faithful", "clip", "psnr"});
  for (const auto& pair : pairs) {
    row(pair.walk, {std::to_string(pair.steps), std::to_string(pair.evaluations),
                    decimals(pair.seconds, 3), faithful_text(pair.faithful),
                    pair.clip ? decimals(*pair.clip, 3) : "-", psnr_text(pair.psnr)});
  }
  return text.str();
}

std::string comparison_script(const std::vector<PairSummary>& pairs) {
  const bool judged =
      std::any_of(pairs.begin(), pairs.end(), [](const auto& p) { return p.faithful.of > 0; });
  std::ostringstream script;
  script << panels_with_legend(1, judged ? 2 : 1, judged ? 0.24 : 0.36)
         << "set logscale x 2\nset xlabel 'evaluations'\n";
  if (judged) {
    script << "set yrange [0:105]\n";
    add_panel(script, pairs, "faithful, %, with 95 % interval", "using 1:2:3:4 with yerrorlines",
              [](const PairSummary& p) -> Point {
                const double share = p.faithful.of > 0 ? p.faithful.share() : std::nan("");
                const auto [low, high] = wilson_interval(p.faithful);
                return {100 * share, 100 * low, 100 * high};
              });
    script << "set yrange [*:*]\n" << no_legend();
  }
  add_panel(script, pairs, "PSNR to the reference, dB", "using 1:2 with linespoints",
            [](const PairSummary& p) -> Point {
              return {p.psnr, p.psnr, p.psnr};
            });
  return script.str();
}

std::filesystem::path plot_comparison(const std::vector<PairSummary>& pairs,
                                      const std::filesystem::path& file, WriteMode mode) {
  const bool judged =
      std::any_of(pairs.begin(), pairs.end(), [](const auto& p) { return p.faithful.of > 0; });
  return plot(comparison_script(pairs), file, judged ? 1400 : 800, 500, mode);
}

at::Tensor comparison_sheet(const std::vector<Compared>& results, const RunFolder& folder) {
  std::vector<std::string> walks;
  std::set<int64_t> steps;
  std::map<std::pair<std::string, int64_t>, const Compared*> first;
  for (const auto& r : results) {
    if (r.index != 0) continue;
    if (walks.empty() || walks.back() != r.walk) walks.push_back(r.walk);
    steps.insert(r.steps);
    first[{r.walk, r.steps}] = &r;
  }
  SheetOptions options;
  for (const auto n : steps) options.column_labels.push_back(std::to_string(n) + " steps");
  std::vector<SheetPicture> pictures;
  at::Tensor blank;  // in place of a pair that was not compared
  for (const auto& walk : walks) {
    options.row_labels.push_back(spaced(walk));
    for (const auto n : steps) {
      const auto it = first.find({walk, n});
      if (it == first.end()) {
        pictures.emplace_back();
        continue;
      }
      const auto& r = *it->second;
      pictures.push_back({.image = read_png(folder / r.picture),
                          .text = psnr_text(r.psnr),
                          .note = std::to_string(r.evaluations) + " evaluations"});
      blank = ops::full_like(pictures.back().image, 1);
    }
  }
  for (auto& picture : pictures) {
    if (!picture.image.defined()) picture.image = blank;
  }
  return contact_sheet(pictures, options);
}

}  // namespace unclip::lab
