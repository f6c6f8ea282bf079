#include "scheduler/aliases.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "scheduler/scheduler.h"

namespace unclip {
namespace {

constexpr auto kDiffusers = "diffusers";
constexpr auto kWebUi = "AUTOMATIC1111";
constexpr auto kKDiffusion = "k-diffusion";

constexpr std::array kAliases = {
    SamplerAlias{"UnCLIPScheduler", "unclip", kDiffusers},
    SamplerAlias{"DDPMScheduler", "ddpm", kDiffusers},
    SamplerAlias{"DDIMScheduler", "ddim", kDiffusers},
    SamplerAlias{"EulerDiscreteScheduler", "euler", kDiffusers},
    SamplerAlias{"EulerAncestralDiscreteScheduler", "euler_ancestral", kDiffusers},
    SamplerAlias{"HeunDiscreteScheduler", "heun", kDiffusers},
    SamplerAlias{"LMSDiscreteScheduler", "lms", kDiffusers},
    SamplerAlias{"PNDMScheduler", "pndm:warm_up=runge_kutta", kDiffusers},
    SamplerAlias{"DPMSolverMultistepScheduler", "dpmpp_2m", kDiffusers},
    SamplerAlias{"DPMSolverSinglestepScheduler", "dpmpp_2s", kDiffusers},
    SamplerAlias{"UniPCMultistepScheduler", "unipc", kDiffusers},
    SamplerAlias{"DEISMultistepScheduler", "deis", kDiffusers},
    SamplerAlias{"SASolverScheduler", "sa_solver", kDiffusers},
    SamplerAlias{"LCMScheduler", "lcm", kDiffusers},
    SamplerAlias{"Euler a", "euler_ancestral", kWebUi},
    SamplerAlias{"DPM++ 2M", "dpmpp_2m", kWebUi},
    SamplerAlias{"DPM++ 2M SDE", "dpmpp_2m_sde", kWebUi},
    SamplerAlias{"DPM++ 2M SDE Heun", "dpmpp_2m_sde:solver=heun", kWebUi},
    SamplerAlias{"DPM++ 3M SDE", "dpmpp_3m_sde", kWebUi},
    SamplerAlias{"PLMS", "pndm", kWebUi},
    SamplerAlias{"euler_a", "euler_ancestral", kKDiffusion},
    SamplerAlias{"uni_pc", "unipc:solver=bh1", kKDiffusion},
    SamplerAlias{"uni_pc_bh2", "unipc", kKDiffusion},
};

struct Suffix {
  const char* word;
  const char* spacing;
};
constexpr std::array kSuffixes = {Suffix{"karras", "karras"}, Suffix{"exponential", "exponential"}};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// The name itself if it is a sampler's, or the meaning if it is an alias; nothing if it is
/// neither.
std::optional<std::string> found(const std::string& name) {
  for (const auto& sampler : scheduler_names()) {
    if (lower(name) == sampler) return sampler;
  }
  for (const auto& alias : sampler_aliases()) {
    if (lower(name) == lower(alias.name)) return alias.meaning;
  }
  return {};
}

std::optional<std::string> found_with_prefix(const std::string& name) {
  for (const std::string_view prefix : {"", "sample_", "k_"}) {
    if (!lower(name).starts_with(prefix)) continue;
    if (auto meaning = found(name.substr(prefix.size()))) return meaning;
  }
  return {};
}

}  // namespace

std::span<const SamplerAlias> sampler_aliases() { return kAliases; }

std::string sampler_meaning(const std::string& name) {
  if (const auto meaning = found_with_prefix(name)) return *meaning;
  for (const auto& [word, spacing] : kSuffixes) {
    if (!lower(name).ends_with(word)) continue;
    auto rest = name.substr(0, name.size() - std::string_view(word).size());
    if (rest.empty() || (rest.back() != ' ' && rest.back() != '_')) continue;
    rest.pop_back();
    if (const auto meaning = found_with_prefix(rest)) {
      return *meaning + (meaning->find(':') == std::string::npos ? ":" : ",") +
             "spacing=" + spacing;
    }
  }
  return name;
}

std::string schedule_meaning(const std::string& name) {
  return name == "squaredcos_cap_v2" ? "cosine" : name;
}

}  // namespace unclip
