#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace unclip {

/// Counts the answers to one question.
struct Count {
  int64_t yes = 0, of = 0;
  void add(bool answer) {
    yes += answer;
    ++of;
  }
  /// The share of yes; 0 if there are no answers.
  double share() const { return of ? static_cast<double>(yes) / static_cast<double>(of) : 0; }
};

/// The 95 % interval of the share: the bounds p of |p - share| = z sqrt(p (1 - p) / n).
/// Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953. [0, 1] if there are no answers.
std::pair<double, double> wilson_interval(const Count& count);

/// The median of the values, at least one; of an even number, the mean of the two in the middle.
double median(std::vector<double> values);

}  // namespace unclip
