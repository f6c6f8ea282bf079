#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <vector>

namespace unclip::testing {

/// Whether two tensors agree: the same shape, and for every element
///   |actual - expected| <= rtol max|expected| + atol
/// where the maximum is over the whole of `expected`, so that small elements may have the same
/// absolute error as large ones. Values are compared in double; a NaN or an infinity on either side
/// never agrees. A failure prints the element with the largest difference.
inline ::testing::AssertionResult close(const at::Tensor& actual, const at::Tensor& expected,
                                        double rtol, double atol = 0) {
  if (!actual.defined() || !expected.defined()) {
    return ::testing::AssertionFailure() << "a tensor is undefined";
  }
  if (actual.sizes() != expected.sizes()) {
    return ::testing::AssertionFailure()
           << "shape " << actual.sizes() << ", expected " << expected.sizes();
  }
  if (actual.numel() == 0) return ::testing::AssertionSuccess();

  const auto a = actual.detach().cpu().to(at::kDouble).contiguous();
  const auto e = expected.detach().cpu().to(at::kDouble).contiguous();
  const double largest = e.abs().max().item<double>();
  const double bound = rtol * largest + atol;

  int64_t worst = 0;
  double difference = -1;
  for (int64_t i = 0; i < a.numel(); ++i) {
    const double d = std::abs(a.data_ptr<double>()[i] - e.data_ptr<double>()[i]);
    if (!(d <= difference)) {
      worst = i;
      difference = d;
    }
    if (std::isnan(d)) break;
  }
  if (difference <= bound && std::isfinite(bound)) return ::testing::AssertionSuccess();

  std::vector<int64_t> index(expected.dim());
  for (int64_t rest = worst, d = expected.dim(); d-- > 0; rest /= expected.size(d)) {
    index[d] = rest % expected.size(d);
  }
  std::ostringstream where;
  where << at::IntArrayRef(index);
  return ::testing::AssertionFailure()
         << "worst at " << where.str() << ": " << a.data_ptr<double>()[worst] << ", expected "
         << e.data_ptr<double>()[worst] << "; off by " << difference << ", allowed " << bound
         << " (rtol " << rtol << ", atol " << atol << ", largest expected " << largest << ")";
}

}  // namespace unclip::testing
