#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "base/statistics.h"

namespace unclip::train {

/// A named share.
struct Figure {
  std::string name;
  Count count;
};
/// Values of one quantity, at least one; the least and the median are printed.
struct Quantity {
  std::string name, unit;
  std::vector<double> values;
};
/// Prints the shares with their intervals and then the quantities, as rows of a table or as JSON.
void print_figures(const std::vector<Figure>& figures, const std::vector<Quantity>& quantities,
                   bool json);

/// The Frechet distance, squared, between the Gaussians of two sets of rows,
///   |m_1 - m_2|^2 + tr(S_1 + S_2 - 2 (S_1 S_2)^(1/2)),
/// where m are their means and S their covariances. x (N, D), y (M, D), N and M at least 2.
/// Heusel et al. 2017, eq. 6, https://arxiv.org/abs/1706.08500
double frechet_distance(const at::Tensor& x, const at::Tensor& y);

}  // namespace unclip::train
