#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/fnv1a.h"
#include "nn/module.h"

namespace unclip::testing {

/// Weights computed from their names; tests/golden/seeded_weights.py computes the same, bit for
/// bit, and explains the formula. Element i of the tensor named `key` comes from the i-th output of
/// splitmix64 (Steele et al. 2014, https://doi.org/10.1145/2660193.2660195), whose state starts at
/// FNV-1a 64 of the key, mixed with the seed.
class SeededWeights {
 public:
  explicit SeededWeights(uint64_t seed) : seed_(seed) {}

  /// float32, of `sizes`.
  at::Tensor tensor(std::string_view key, at::IntArrayRef sizes) const {
    auto u = uniform(key, sizes);
    if (sizes.size() == 1) {
      const bool scales = key.ends_with(".weight");  // the weight of a normalisation
      return scales ? 1 + 0.25f * u : 0.25f * u;
    }
    if (sizes.size() == 3) return u.mul_(0.5f);

    const int64_t fan_in = u.numel() / sizes[0];
    return u.mul_(static_cast<float>(std::sqrt(3.0 / static_cast<double>(fan_in))));
  }

 private:
  static constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;

  /// In [-1, 1), multiples of 2^-23.
  at::Tensor uniform(std::string_view key, at::IntArrayRef sizes) const {
    auto u = at::empty(sizes, at::kFloat);
    uint64_t state = fnv1a(key) ^ (seed_ * kGolden);
    for (float& value : std::span(u.data_ptr<float>(), u.numel())) {
      uint64_t z = (state += kGolden);
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
      z ^= z >> 31;
      value = static_cast<float>(z >> 40) / 8388608.0f - 1.0f;
    }
    return u;
  }

  uint64_t seed_;
};

/// Overwrites every parameter of the module, each by its checkpoint key.
inline void fill_seeded(Module& module, uint64_t seed) {
  const SeededWeights weights(seed);
  for (const auto& [name, tensor] : module.parameters()) {
    tensor.copy_(weights.tensor(name, tensor.sizes()));
  }
}

}  // namespace unclip::testing
