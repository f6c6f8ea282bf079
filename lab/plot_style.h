#pragma once

#include <cstddef>
#include <string>

namespace unclip::lab {

/// The look of a plot's k-th curve, as gnuplot writes it: eight colours that stay apart for people
/// who see fewer of them, then the next kind of dashes and of markers, so that 32 curves differ.
/// Okabe & Ito 2008, https://jfly.uni-koeln.de/color
std::string curve_style(size_t k);

/// Panels in `rows` and `columns` on the left, and the legend to their right, outside all of them.
/// `legend_share` of the plot's width is the legend's.
std::string panels_with_legend(size_t rows, size_t columns, double legend_share);

/// Entries of the legend are drawn by the first panel only.
std::string no_legend();

}  // namespace unclip::lab
