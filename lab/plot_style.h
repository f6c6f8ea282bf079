#pragma once

#include <cstddef>
#include <string>

namespace unclip::lab {

/// The style of a plot's k-th curve, in gnuplot's syntax: eight colours that colour-blind people
/// can tell apart, then the same with other dashes and markers, so that 32 curves differ. Okabe &
/// Ito 2008, https://jfly.uni-koeln.de/color
std::string curve_style(size_t k);

/// The script of a layout of panels in `rows` and `columns`, with the legend to the right of all
/// panels. The legend has `legend_share` of the plot's width.
std::string panels_with_legend(size_t rows, size_t columns, double legend_share);

/// The script that switches the legend off, for all panels except the first, which draws it.
std::string no_legend();

}  // namespace unclip::lab
