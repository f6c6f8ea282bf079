#include "lab/plot_style.h"

#include <array>
#include <sstream>

namespace unclip::lab {
namespace {

constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                 "#56b4e9", "#e69f00", "#000000", "#8c6d1f"};
constexpr std::array kDashes = {"solid", "'-'", "'.'", "'_.'"};
constexpr std::array kMarkers = {7, 5, 9, 13, 6, 4, 8, 12};  // gnuplot's numbers, filled first

}  // namespace

std::string curve_style(size_t k) {
  std::ostringstream style;
  const auto round = k / kColours.size();
  style << "lc rgb '" << kColours[k % kColours.size()] << "' dt " << kDashes[round % kDashes.size()]
        << " pt " << kMarkers[(k + 3 * round) % kMarkers.size()] << " ps 0.6 lw 1.4";
  return style.str();
}

std::string panels_with_legend(size_t rows, size_t columns, double legend_share) {
  std::ostringstream script;
  const double right = 1 - legend_share;
  script << "set multiplot layout " << rows << "," << columns << " margins screen 0.06," << right
         << "," << 0.14 / static_cast<double>(rows) << "," << 1 - 0.08 / static_cast<double>(rows)
         << " spacing screen 0.075," << 0.2 / static_cast<double>(rows)
         << "\nset grid lc rgb '#dddddd'\n"
         << "set key noenhanced at screen " << right + 0.01
         << ", screen 0.97 left top Left reverse vertical samplen 3 spacing 1.1\n";
  return script.str();
}

std::string no_legend() { return "unset key\n"; }

}  // namespace unclip::lab
