#include "base/statistics.h"

#include <algorithm>
#include <cmath>

namespace unclip {

std::pair<double, double> wilson_interval(const Count& count) {
  constexpr double z = 1.959964;  // of 95 %
  if (count.of == 0) return {0, 1};
  const double n = static_cast<double>(count.of);
  const double middle = (count.share() + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) *
                      std::sqrt(count.share() * (1 - count.share()) / n + z * z / (4 * n * n));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace unclip
