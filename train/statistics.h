#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace unclip::train {

/// Answers to one question.
struct Count {
  int64_t yes = 0, of = 0;
  void add(bool answer) {
    yes += answer;
    ++of;
  }
  /// 0 where nothing was asked.
  double share() const { return of ? static_cast<double>(yes) / static_cast<double>(of) : 0; }
};

/// A share, and of what it is one.
struct Figure {
  std::string name;
  Count count;
};
/// Numbers of one kind, at least one; of them the least and the median are told.
struct Quantity {
  std::string name, unit;
  std::vector<double> values;
};
/// Prints the figures with their intervals and then the quantities, as rows of a table or as JSON.
void print_figures(const std::vector<Figure>& figures, const std::vector<Quantity>& quantities,
                   bool json);

/// The middle of the values, at least one; of an even number the mean of both.
double median(std::vector<double> values);

/// The 95 % interval of the share: the bounds p of |p - share| = z sqrt(p (1 - p) / n).
/// Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953. Nothing asked: all of [0, 1].
std::pair<double, double> wilson_interval(const Count& count);

/// The Frechet distance, squared, between the Gaussians of two sets of rows,
///   |m_1 - m_2|^2 + tr(S_1 + S_2 - 2 (S_1 S_2)^(1/2)),
/// m their means and S their covariances. x (N, D), y (M, D), N and M at least 2.
/// Heusel et al. 2017, eq. 6, https://arxiv.org/abs/1706.08500
double frechet_distance(const at::Tensor& x, const at::Tensor& y);

}  // namespace unclip::train
