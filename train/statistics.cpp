#include "train/statistics.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace unclip::train {

void print_figures(const std::vector<Figure>& figures, const std::vector<Quantity>& quantities,
                   bool json) {
  nlohmann::ordered_json object;
  for (const auto& [name, count] : figures) {
    const auto [low, high] = wilson_interval(count);
    object[name] = {{"yes", count.yes}, {"of", count.of}, {"low", low}, {"high", high}};
    if (json) continue;
    std::printf("| %s | %.1f %% (%.1f to %.1f) |\n", name.c_str(), 100 * count.share(), 100 * low,
                100 * high);
  }
  for (const auto& [name, unit, values] : quantities) {
    const double least = *std::min_element(values.begin(), values.end());
    object[name] = {{"unit", unit}, {"least", least}, {"median", median(values)}};
    if (json) continue;
    std::printf("| %s | at least %.1f %s, median %.1f |\n", name.c_str(), least, unit.c_str(),
                median(values));
  }
  if (json) std::printf("%s\n", object.dump(2).c_str());
}

double frechet_distance(const at::Tensor& x, const at::Tensor& y) {
  const auto a = x.to(at::kDouble);
  const auto b = y.to(at::kDouble);
  const auto s_a = at::cov(a.t());
  const auto s_b = at::cov(b.t());
  // tr (S_1 S_2)^(1/2) = tr (S_1^(1/2) S_2 S_1^(1/2))^(1/2), symmetric.
  const auto root = [](const at::Tensor& s) {
    const auto [values, vectors] = at::linalg_eigh(s);
    return at::matmul(vectors * values.clamp_min(0).sqrt(), vectors.t());
  };
  const auto root_a = root(s_a);
  const auto cross = root(at::matmul(at::matmul(root_a, s_b), root_a)).trace();
  const auto means = (a.mean(0) - b.mean(0)).square().sum();
  return (means + s_a.trace() + s_b.trace() - 2 * cross).item<double>();
}

}  // namespace unclip::train
