#include "lab/comparison_report.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/csv.h"
#include "image/contact_sheet.h"
#include "image/png.h"
#include "lab/gnuplot.h"
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
    if (walks.empty() || walks.back() != pair.walk) walks.push_back(pair.walk);
  }
  return walks;
}

template <class Value>
void add_panel(std::ostream& script, const std::vector<PairSummary>& pairs, const char* title,
               const Value& value) {
  std::vector<std::string> walks;  // that have a point
  for (const auto& walk : walks_of(pairs)) {
    if (std::any_of(pairs.begin(), pairs.end(), [&](const PairSummary& pair) {
          return pair.walk == walk && std::isfinite(value(pair));
        })) {
      walks.push_back(walk);
    }
  }
  if (walks.empty()) return;
  script << "set ylabel '" << title << "'\nplot ";
  for (size_t k = 0; k < walks.size(); ++k) {
    script << (k == 0 ? "" : ", ") << "'-' using 1:2 with linespoints pt 7 ps 0.5 title "
           << quoted(walks[k]);
  }
  script << "\n";
  for (const auto& walk : walks) {
    for (const auto& pair : pairs) {
      if (pair.walk == walk && std::isfinite(value(pair))) {
        script << pair.evaluations << " " << value(pair) << "\n";
      }
    }
    script << "e\n";
  }
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
    json["psnr"] = nullptr;  // the same picture
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

std::filesystem::path plot_comparison(const std::vector<PairSummary>& pairs,
                                      const std::filesystem::path& file, WriteMode mode) {
  const bool judged =
      std::any_of(pairs.begin(), pairs.end(), [](const auto& p) { return p.faithful.of > 0; });
  std::ostringstream script;
  script << "set multiplot layout 1," << (judged ? 2 : 1)
         << "\nset grid\nset logscale x 2\nset xlabel 'evaluations'\n"
         << "set key noenhanced bottom right\n";
  if (judged) {
    script << "set yrange [0:105]\n";
    add_panel(script, pairs, "faithful, %",
              [](const PairSummary& p) { return 100 * p.faithful.share(); });
    script << "set yrange [*:*]\n";
  }
  add_panel(script, pairs, "PSNR to the reference, dB",
            [](const PairSummary& p) { return p.psnr; });
  return plot(script.str(), file, judged ? 1100 : 600, 450, mode);
}

at::Tensor comparison_sheet(const std::vector<Compared>& results, const RunFolder& folder) {
  std::vector<SheetPicture> pictures;
  SheetOptions options;
  for (const auto& r : results) {
    if (r.index != 0) continue;
    pictures.push_back({.image = read_png(folder / r.picture),
                        .text = psnr_text(r.psnr),
                        .note = std::to_string(r.evaluations) + " evaluations"});
    if (options.row_labels.empty() || options.row_labels.back() != spaced(r.walk)) {
      options.row_labels.push_back(spaced(r.walk));
    }
    if (options.row_labels.size() == 1) {
      options.column_labels.push_back(std::to_string(r.steps) + " steps");
    }
  }
  return contact_sheet(pictures, options);
}

}  // namespace unclip::lab
