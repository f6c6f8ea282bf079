#include "scheduler/published_class.h"

#include <c10/util/Exception.h>

#include <array>

#include "base/config.h"
#include "scheduler/class_traits.h"
#include "scheduler/sampler_options.h"

namespace unclip {
namespace {

std::string order_of(const Config& config, int64_t most) {
  return std::to_string(config.integer("solver_order", 2, 1, most));
}

std::string lower_order_final(const Config& config) {
  return config.value_or<bool>("lower_order_final", true) ? "yes" : "no";
}

/// midpoint or heun; like diffusers, it reads the values that only other classes have as midpoint.
std::string second_order_solver(const Config& config) {
  return config.choice<std::string>("solver_type", {{"midpoint", "midpoint"},
                                                    {"heun", "heun"},
                                                    {"logrho", "midpoint"},
                                                    {"bh1", "midpoint"},
                                                    {"bh2", "midpoint"}});
}

PublishedSampler pndm(const Config& config) {
  const bool skip = config.value_or<bool>("skip_prk_steps", false);
  return {"pndm", {{"warm_up", skip ? "plms" : "runge_kutta"}, {"middle", "whole"}}};
}

PublishedSampler multistep(const Config& config) {
  const bool sde = config.choice<bool>(
      "algorithm_type", {{"dpmsolver++", false}, {"sde-dpmsolver++", true}, {"deis", false}});
  const auto solver = second_order_solver(config);
  const auto order = order_of(config, 3);
  std::map<std::string, std::string> own = {
      {"lower_order_final", lower_order_final(config)},
      {"euler_at_final", config.value_or<bool>("euler_at_final", false) ? "yes" : "no"}};
  if (sde && order == "3") return {"dpmpp_3m_sde", own};
  own.insert({{"order", order}, {"solver", solver}});
  return {sde ? "dpmpp_2m_sde" : "dpmpp_2m", own};
}

PublishedSampler singlestep(const Config& config) {
  config.choice<bool>("algorithm_type", {{"dpmsolver++", true}, {"deis", true}});
  const auto solver = second_order_solver(config);
  if (order_of(config, 2) == "1") return {"dpmpp_1s", {}};
  const bool lower = config.value_or<bool>("lower_order_final", false);
  return {"dpmpp_2s", {{"solver", solver}, {"lower_order_final", lower ? "yes" : "no"}}};
}

PublishedSampler unipc(const Config& config) {
  config.expect("predict_x0", true);
  const auto solver = config.choice<std::string>(
      "solver_type",
      {{"bh2", "bh2"}, {"bh1", "bh1"}, {"midpoint", "bh2"}, {"heun", "bh2"}, {"logrho", "bh2"}});
  return {"unipc",
          {{"order", order_of(config, 3)},
           {"solver", solver},
           {"lower_order_final", lower_order_final(config)}}};
}

PublishedSampler deis(const Config& config) {
  // Like diffusers, reads the values that only other classes have as the one that this class has.
  config.choice<bool>(
      "solver_type",
      {{"logrho", true}, {"midpoint", true}, {"heun", true}, {"bh1", true}, {"bh2", true}});
  config.choice<bool>("algorithm_type",
                      {{"deis", true}, {"dpmsolver", true}, {"dpmsolver++", true}});
  return {"deis",
          {{"order", order_of(config, 3)}, {"lower_order_final", lower_order_final(config)}}};
}

PublishedSampler sa_solver(const Config& config) {
  config.expect("algorithm_type", "data_prediction");
  const auto order = [&](const char* key) { return std::to_string(config.integer(key, 2, 1, 4)); };
  return {"sa_solver",
          {{"order", order("predictor_order")},
           {"corrector_order", order("corrector_order")},
           {"lower_order_final", lower_order_final(config)}}};
}

PublishedSampler lcm(const Config& config) {
  const auto scaling = config.value_or<double>("timestep_scaling", 10);
  if (!(scaling >= 0 && scaling <= 1e6)) {
    config.fail_value("timestep_scaling", "a number from 0 to 1000000");
  }
  return {"lcm", {{"timestep_scaling", number_text(scaling)}}};
}

struct ClassEntry {
  const char* class_name;
  const char* sampler;                      // if the class has no keys of its own
  PublishedSampler (*read)(const Config&);  // else
};

constexpr std::array kPublishedClasses = {
    ClassEntry{"UnCLIPScheduler", "unclip", nullptr},
    ClassEntry{"DDPMScheduler", "ddpm", nullptr},
    ClassEntry{"DDIMScheduler", "ddim", nullptr},
    ClassEntry{"DDIMInverseScheduler", "ddim_inverse", nullptr},
    ClassEntry{"EulerDiscreteScheduler", "euler", nullptr},
    ClassEntry{"EulerAncestralDiscreteScheduler", "euler_ancestral", nullptr},
    ClassEntry{"HeunDiscreteScheduler", "heun", nullptr},
    ClassEntry{"LMSDiscreteScheduler", "lms", nullptr},
    ClassEntry{"PNDMScheduler", nullptr, pndm},
    ClassEntry{"DPMSolverMultistepScheduler", nullptr, multistep},
    ClassEntry{"DPMSolverSinglestepScheduler", nullptr, singlestep},
    ClassEntry{"UniPCMultistepScheduler", nullptr, unipc},
    ClassEntry{"DEISMultistepScheduler", nullptr, deis},
    ClassEntry{"SASolverScheduler", nullptr, sa_solver},
    ClassEntry{"LCMScheduler", nullptr, lcm},
};

}  // namespace

PublishedSampler published_sampler(const Config& config) {
  const std::string name = class_traits_of(config).name;
  for (const auto& entry : kPublishedClasses) {
    if (name != entry.class_name) continue;
    return entry.read != nullptr ? entry.read(config) : PublishedSampler{entry.sampler, {}};
  }
  TORCH_CHECK(false, name, " has traits and no sampler");
}

std::vector<std::string> published_classes() {
  std::vector<std::string> names;
  for (const auto& entry : kPublishedClasses) names.emplace_back(entry.class_name);
  return names;
}

}  // namespace unclip
