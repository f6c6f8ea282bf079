#include "core/noise_source.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace unclip {

NoiseSource::NoiseSource(const std::vector<uint64_t>& seeds) {
  generators_.reserve(seeds.size());
  for (const auto seed : seeds) generators_.push_back(at::detail::createCPUGenerator(seed));
}

at::Tensor NoiseSource::draw(at::IntArrayRef row_sizes) {
  std::vector<int64_t> sizes{1};
  sizes.insert(sizes.end(), row_sizes.begin(), row_sizes.end());
  std::vector<at::Tensor> draws;
  draws.reserve(generators_.size());
  for (auto& generator : generators_) {
    draws.push_back(at::randn(sizes, generator, at::dtype(at::kFloat)));
  }
  return at::cat(draws);
}

at::Tensor NoiseSource::draw_like(const at::Tensor& x) {
  TORCH_CHECK(x.size(0) == rows(), "draw_like: ", x.size(0), " rows, ", rows(), " generators");
  return draw(x.sizes().slice(1)).to(x.device());
}

}  // namespace unclip
