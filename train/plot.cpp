#include "train/plot.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/parse_number.h"
#include "lab/gnuplot.h"

namespace unclip::train {
namespace {

constexpr int kColumns = 2, kWidth = 480, kHeight = 260;  // of one figure

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class Number>
Number require_number(std::string_view text, const std::string& where, const char* expected) {
  const auto value = parse_number<Number>(text);
  if (!value) fail(where, ": expected ", expected, ", found '", text, "'");
  return *value;
}

Curve& curve_of(std::vector<Curve>& curves, std::string_view name) {
  const auto found = std::find_if(curves.begin(), curves.end(),
                                  [&](const Curve& curve) { return curve.name == name; });
  if (found != curves.end()) return *found;
  return curves.emplace_back(Curve{std::string(name), {}});
}

std::string make_script(const std::vector<Curve>& curves, const std::string& title) {
  const size_t rows = (curves.size() + kColumns - 1) / kColumns;
  std::ostringstream script;
  script << "set multiplot layout " << rows << "," << kColumns << " title " << lab::quoted(title)
         << "\nset grid\nset key off\nset xlabel 'step'\n";
  for (const Curve& curve : curves) {
    script << "set title " << lab::quoted(curve.name) << "\nplot '-' with lines linewidth 1.5\n";
    for (const auto& [step, value] : curve.values) script << step << ' ' << value << '\n';
    script << "e\n";
  }
  script << "unset multiplot\n";
  return script.str();
}

}  // namespace

std::vector<Curve> parse_log(std::string_view csv, const std::string& name) {
  std::vector<Curve> curves;
  int line = 0;
  for (const auto text : split(csv, '\n')) {
    ++line;
    if (text.empty()) continue;
    const auto where = name + ", line " + std::to_string(line);
    const auto fields = split(text, ',');
    if (fields.size() % 2 == 0) {
      fail(where, ": expected a step and pairs of a name and a number, found ", fields.size(),
           " fields");
    }
    const auto step = require_number<int64_t>(fields[0], where, "a step");
    for (size_t i = 1; i < fields.size(); i += 2) {
      curve_of(curves, fields[i]).values[step] =
          require_number<double>(fields[i + 1], where, "a number");
    }
  }
  if (curves.empty()) fail(name, ": expected lines of a training run's log, found none");
  return curves;
}

void plot_log(const PlotOptions& options) {
  lab::expect_plottable(options.out);
  const auto curves = parse_log(file_bytes(options.log), options.log.string());
  const auto rows = static_cast<int>((curves.size() + kColumns - 1) / kColumns);
  const auto written = lab::plot(make_script(curves, options.log.stem().string()), options.out,
                                 kColumns * kWidth, rows * kHeight, WriteMode::kOverwrite);
  std::printf("%s\n", written.string().c_str());
}

}  // namespace unclip::train
