#include "scheduler/class_traits.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/config.h"

namespace unclip {
namespace {

using namespace scheduler_class;
using enum ClassTimesteps;
constexpr auto kLeading = TimestepSpacing::kLeading;

constexpr std::array kClasses = {
    ClassTraits{
        .name = "UnCLIPScheduler", .bit = kUnclip, .clip_sample = true, .beta_schedule = "cosine"},
    ClassTraits{.name = "DDPMScheduler", .bit = kDdpm, .spacing = kLeading, .clip_sample = true},
    ClassTraits{.name = "DDIMScheduler", .bit = kDdim, .spacing = kLeading, .clip_sample = true},
    ClassTraits{.name = "DDIMInverseScheduler",
                .bit = kDdimInverse,
                .spacing = kLeading,
                .clip_sample = true},
    ClassTraits{.name = "EulerDiscreteScheduler", .bit = kEuler, .timesteps = kReal},
    ClassTraits{
        .name = "EulerAncestralDiscreteScheduler", .bit = kEulerAncestral, .timesteps = kReal},
    ClassTraits{.name = "HeunDiscreteScheduler",
                .bit = kHeun,
                .timesteps = kReal,
                .beta_start = 0.00085,
                .beta_end = 0.012},
    ClassTraits{.name = "LMSDiscreteScheduler", .bit = kLms, .timesteps = kReal},
    ClassTraits{
        .name = "PNDMScheduler", .bit = kPndm, .spacing = kLeading, .set_alpha_to_one = false},
    ClassTraits{.name = "DPMSolverMultistepScheduler", .bit = kMultistep, .timesteps = kOneMore},
    ClassTraits{.name = "DPMSolverSinglestepScheduler", .bit = kSinglestep, .timesteps = kOneMore},
    ClassTraits{.name = "UniPCMultistepScheduler", .bit = kUnipc, .timesteps = kOneMore},
    ClassTraits{.name = "DEISMultistepScheduler",
                .bit = kDeis,
                .timesteps = kOneMore,
                .set_alpha_to_one = false},
    ClassTraits{.name = "SASolverScheduler",
                .bit = kSaSolver,
                .timesteps = kOneMore,
                .set_alpha_to_one = false},
    ClassTraits{.name = "LCMScheduler",
                .bit = kLcm,
                .timesteps = kOriginal,
                .beta_schedule = "scaled_linear",
                .beta_start = 0.00085,
                .beta_end = 0.012},
};

// Sets of classes that share keys.
constexpr uint32_t kBetas = kAll & ~kUnclip;
constexpr uint32_t kClips = kUnclip | kDdpm | kDdim | kDdimInverse | kHeun | kLcm;
constexpr uint32_t kSolvers = kMultistep | kSinglestep | kUnipc | kDeis | kSaSolver;
constexpr uint32_t kThresholds = kDdpm | kDdim | kSolvers | kLcm;
constexpr uint32_t kZeroSnr =
    kDdpm | kDdim | kDdimInverse | kEuler | kEulerAncestral | kMultistep | kUnipc | kLcm;
constexpr uint32_t kSpaces = kAll & ~(kUnclip | kSinglestep | kLcm);

constexpr auto kRead = KeyEffect::kRead;
constexpr auto kNothing = KeyEffect::kNothing;
constexpr auto kRefused = KeyEffect::kRefused;
constexpr auto kOther = "the class does not have the key and chooses its own";
constexpr auto kFlow = "noise of flow matching is not implemented";
constexpr auto kFlowOnly = "changes flow matching's noise only";

constexpr std::array kRules = {
    // The noise that the network was trained on.
    KeyRule{"num_train_timesteps", kAll, kRead, kRead},
    KeyRule{"beta_schedule", kAll, kRead, kRead},
    KeyRule{"beta_start", kBetas, kRead, kNothing, "", "the cosine schedule has no such bound"},
    KeyRule{"beta_end", kBetas, kRead, kNothing, "", "the cosine schedule has no such bound"},
    KeyRule{"trained_betas", kBetas, kRead, kRefused, "null",
            "the class would sample with the cosine schedule"},
    KeyRule{"rescale_betas_zero_snr", kZeroSnr, kRead, kRefused, "false",
            "the class would sample with a schedule that is not rescaled"},
    KeyRule{"prediction_type", kAll, kRead, kRead},
    KeyRule{"variance_type", kAll, kRead, kRead},  // decides the network's channels, in any class
    KeyRule{"predict_epsilon", 0, kRead, kRefused, "true", "'prediction_type' replaced it"},
    KeyRule{"tensor_format", 0, kRead, kNothing, "", "it named a tensor library"},
    // The prediction of x_0.
    KeyRule{"clip_sample", kClips, kRead, kNothing, "", "the class does not clip"},
    KeyRule{"clip_sample_range", kClips, kRead, kNothing, "", "the class does not clip"},
    KeyRule{"thresholding", kThresholds, kRead, kNothing, "", "the class has no thresholding"},
    KeyRule{"dynamic_thresholding_ratio", kThresholds, kRead, kNothing, "",
            "the class has no thresholding"},
    KeyRule{"sample_max_value", kThresholds, kRead, kNothing, "", "the class has no thresholding"},
    // The levels that are visited.
    KeyRule{"timestep_spacing", kSpaces, kRead, kNothing, "", kOther},
    KeyRule{"steps_offset", kSpaces, kRead, kNothing, "", kOther},
    KeyRule{"use_karras_sigmas", kSpaceSigmas, kRead, kNothing, "", kOther},
    KeyRule{"use_exponential_sigmas", kSpaceSigmas, kRead, kNothing, "", kOther},
    KeyRule{"use_beta_sigmas", kSpaceSigmas, kRead, kNothing, "", kOther},
    KeyRule{"use_lu_lambdas", kMultistep, kRead, kNothing, "", kOther},
    KeyRule{"sigma_min", kSpaceSigmas, kRead, kNothing, "", "only spacings of sigma have bounds"},
    KeyRule{"sigma_max", kSpaceSigmas, kRead, kNothing, "", "only spacings of sigma have bounds"},
    KeyRule{"lambda_min_clipped", kMultistep | kSinglestep | kSaSolver, kRead, kNothing, "",
            kOther},
    KeyRule{"interpolation_type", kEuler, kRead, kNothing, "", kOther},
    KeyRule{"timestep_type", kEuler, kRead, kNothing, "", kOther},
    KeyRule{"original_inference_steps", kLcm, kRead, kNothing, "", kOther},
    KeyRule{"set_alpha_to_one", kDdim | kDdimInverse | kPndm, kRead, kNothing, "", kOther},
    KeyRule{"set_alpha_to_zero", kDdimInverse, kRefused, kNothing, "null",
            "'set_alpha_to_one' replaced it"},
    KeyRule{"final_sigmas_type", kEuler | kMultistep | kSinglestep | kUnipc, kRead, kNothing, "",
            kOther},
    // The solver.
    KeyRule{"skip_prk_steps", kPndm, kRead, kNothing, "", kOther},
    KeyRule{"solver_order", kSolvers & ~kSaSolver, kRead, kNothing, "", kOther},
    KeyRule{"solver_type", kSolvers & ~kSaSolver, kRead, kNothing, "", kOther},
    KeyRule{"algorithm_type", kSolvers & ~kUnipc, kRead, kNothing, "", kOther},
    KeyRule{"lower_order_final", kSolvers, kRead, kNothing, "", kOther},
    KeyRule{"euler_at_final", kMultistep, kRead, kNothing, "", kOther},
    KeyRule{"predict_x0", kUnipc, kRead, kNothing, "", kOther},
    KeyRule{"disable_corrector", kUnipc, kRefused, kNothing, "[]",
            "steps without the corrector are not implemented"},
    KeyRule{"solver_p", kUnipc, kRefused, kNothing, "null", "another predictor is not implemented"},
    KeyRule{"predictor_order", kSaSolver, kRead, kNothing, "", kOther},
    KeyRule{"corrector_order", kSaSolver, kRead, kNothing, "", kOther},
    KeyRule{"tau_func", kSaSolver, kRefused, kNothing, "null", "a function cannot be read"},
    KeyRule{"timestep_scaling", kLcm, kRead, kNothing, "", kOther},
    // Flow matching.
    KeyRule{"use_flow_sigmas", 0, kRead, kRefused, "false", kFlow},
    KeyRule{"use_dynamic_shifting", 0, kRead, kRefused, "false", kFlow},
    KeyRule{"shift_terminal", 0, kRead, kRefused, "null", kFlow},
    KeyRule{"flow_shift", 0, kRead, kNothing, "", kFlowOnly},
    KeyRule{"time_shift_type", 0, kRead, kNothing, "", kFlowOnly},
};

/// A value as a message prints it.
std::string shortened(const nlohmann::json& value) {
  constexpr size_t kMost = 40;
  auto text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMost) text.replace(kMost, text.npos, "...");
  return text;
}

}  // namespace

std::span<const ClassTraits> class_traits() { return kClasses; }
std::span<const KeyRule> key_rules() { return kRules; }

const ClassTraits& class_traits_of(const Config& config) {
  const auto name = config.value_or<std::string>("_class_name", std::string(kClasses[0].name));
  std::string expected;
  for (const auto& traits : kClasses) {
    if (name == traits.name) return traits;
    expected.append(expected.empty() ? "\"" : ", \"").append(traits.name).append("\"");
  }
  config.fail_value("_class_name", "one of " + expected);
}

bool reads_key(const ClassTraits& traits, const std::string& key) {
  return std::any_of(kRules.begin(), kRules.end(), [&](const KeyRule& rule) {
    return key == rule.key && rule.effect == KeyEffect::kRead && (rule.classes & traits.bit) != 0;
  });
}

void expect_known_keys(const Config& config) {
  const auto& traits = class_traits_of(config);
  for (const auto& key : config.keys()) {
    const auto& value = config.json().at(key);
    if (key.starts_with('_') || !config.has(key)) continue;
    const auto* rule =
        std::find_if(kRules.begin(), kRules.end(), [&](const auto& r) { return key == r.key; });
    const auto shown = shortened(value);
    if (rule == kRules.end()) {
      if (value.is_boolean() && !value.get<bool>()) continue;  // a flag that is off
      fail(config.name(), ": '", key, "' is ", shown,
           ": expected only keys of diffusers' scheduler classes; remove the key to ignore it");
    }
    const bool has = (rule->classes & traits.bit) != 0;
    if ((has ? rule->effect : rule->elsewhere) != KeyEffect::kRefused) continue;
    if (value == nlohmann::json::parse(rule->neutral)) continue;
    fail(config.name(), ": '", key, "': expected ", rule->neutral, " for ", traits.name, ", got ",
         shown, "; ", rule->reason);
  }
}

}  // namespace unclip
