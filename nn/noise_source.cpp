#include "nn/noise_source.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "kernels/accelerator.h"

namespace unclip {

NoiseSource::NoiseSource(const std::vector<uint64_t>& seeds) {
  generators_.reserve(seeds.size());
  for (const auto seed : seeds) generators_.push_back(at::detail::createCPUGenerator(seed));
}

NoiseSource::NoiseSource(const NoiseSource& other) : draws_(other.draws_) {
  generators_.reserve(other.generators_.size());
  for (const auto& generator : other.generators_) generators_.push_back(generator.clone());
}

NoiseSource& NoiseSource::operator=(const NoiseSource& other) {
  *this = NoiseSource(other);
  return *this;
}

namespace {

at::Tensor draw_row(at::Generator& generator, at::IntArrayRef row_sizes) {
  std::vector<int64_t> sizes{1};
  sizes.insert(sizes.end(), row_sizes.begin(), row_sizes.end());
  return at::randn(sizes, generator, at::dtype(at::kFloat));
}

}  // namespace

at::Tensor NoiseSource::draw(at::IntArrayRef row_sizes) {
  std::vector<at::Tensor> draws;
  draws.reserve(generators_.size());
  for (auto& generator : generators_) draws.push_back(draw_row(generator, row_sizes));
  ++draws_;
  return at::cat(draws);
}

void NoiseSource::skip(int64_t row, int64_t draws, at::IntArrayRef row_sizes) {
  for (int64_t i = 0; i < draws; ++i) draw_row(generators_.at(static_cast<size_t>(row)), row_sizes);
}

at::Tensor NoiseSource::draw_like(const at::Tensor& x) {
  TORCH_CHECK(x.size(0) == rows(), "draw_like: ", x.size(0), " rows, ", rows(), " generators");
  return to_device(draw(x.sizes().slice(1)), x.device());
}

}  // namespace unclip
