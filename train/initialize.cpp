#include "train/initialize.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace unclip::train {
namespace {

constexpr double kEmbeddingDeviation = 0.02;
constexpr double kClosingGain = 0.1;

bool closes_a_branch(std::string_view key) {
  constexpr std::array<std::string_view, 6> kClosing = {"conv2.weight",    "to_out.0.weight",
                                                        "out_proj.weight", "fc2.weight",
                                                        "net.2.weight",    "conv_out.weight"};
  for (const auto name : kClosing) {
    if (key.ends_with(name)) return true;
  }
  return false;
}

double deviation(const std::string& key, const at::Tensor& parameter) {
  if (key.find("embedding.weight") != std::string::npos && parameter.dim() == 2 &&
      key.find("linear") == std::string::npos) {
    return kEmbeddingDeviation;
  }
  if (key.ends_with("_embedding") || key.ends_with("_embeddings")) return kEmbeddingDeviation;
  const auto fan_in = static_cast<double>(parameter.numel() / parameter.size(0));
  return (closes_a_branch(key) ? kClosingGain : 1.0) / std::sqrt(fan_in);
}

}  // namespace

void initialize(Module& module, uint64_t seed) {
  const at::NoGradGuard no_grad;
  auto generator = at::detail::createCPUGenerator(seed);
  for (const auto& [key, parameter] : module.parameters()) {
    parameter.set_requires_grad(true);
    if (key.ends_with(".bias") || key == "clip_mean") {
      parameter.zero_();
    } else if (key == "clip_std" || (parameter.dim() == 1 && key.ends_with(".weight"))) {
      parameter.fill_(1);
    } else {
      parameter.normal_(0, deviation(key, parameter), generator);
    }
  }
}

}  // namespace unclip::train
