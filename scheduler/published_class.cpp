#include "scheduler/published_class.h"

#include <array>

#include "core/config.h"

namespace unclip {
namespace {

std::string order_of(const Config& config, int64_t most) {
  return std::to_string(config.integer("solver_order", 2, 1, most));
}

PublishedSampler pndm(const Config& config) {
  const bool skip = config.value_or<bool>("skip_prk_steps", false);
  return {"pndm", {{"warm_up", skip ? "plms" : "runge_kutta"}}};
}

PublishedSampler multistep(const Config& config) {
  const bool sde =
      config.choice<bool>("algorithm_type", {{"dpmsolver++", false}, {"sde-dpmsolver++", true}});
  const auto solver =
      config.choice<std::string>("solver_type", {{"midpoint", "midpoint"}, {"heun", "heun"}});
  const auto order = order_of(config, 3);
  if (sde && order == "3") return {"dpmpp_3m_sde", {}};
  return {sde ? "dpmpp_2m_sde" : "dpmpp_2m", {{"order", order}, {"solver", solver}}};
}

PublishedSampler singlestep(const Config& config) {
  config.expect("algorithm_type", "dpmsolver++");
  const auto solver =
      config.choice<std::string>("solver_type", {{"midpoint", "midpoint"}, {"heun", "heun"}});
  if (order_of(config, 2) == "1") return {"dpmpp_1s", {}};
  return {"dpmpp_2s", {{"solver", solver}}};
}

PublishedSampler unipc(const Config& config) {
  config.expect("predict_x0", true);
  const auto solver = config.choice<std::string>("solver_type", {{"bh2", "bh2"}, {"bh1", "bh1"}});
  return {"unipc", {{"order", order_of(config, 3)}, {"solver", solver}}};
}

PublishedSampler deis(const Config& config) {
  config.expect("solver_type", "logrho");
  return {"deis", {{"order", order_of(config, 3)}}};
}

PublishedSampler sa_solver(const Config& config) {
  config.expect("algorithm_type", "data_prediction");
  const auto order = [&](const char* key) { return std::to_string(config.integer(key, 2, 1, 4)); };
  return {"sa_solver",
          {{"order", order("predictor_order")}, {"corrector_order", order("corrector_order")}}};
}

struct Entry {
  const char* class_name;
  const char* sampler;                      // where the class has no keys of its own
  PublishedSampler (*read)(const Config&);  // else
};

constexpr std::array kClasses = {
    Entry{"UnCLIPScheduler", "unclip", nullptr},
    Entry{"DDPMScheduler", "ddpm", nullptr},
    Entry{"DDIMScheduler", "ddim", nullptr},
    Entry{"DDIMInverseScheduler", "ddim_inverse", nullptr},
    Entry{"EulerDiscreteScheduler", "euler", nullptr},
    Entry{"EulerAncestralDiscreteScheduler", "euler_ancestral", nullptr},
    Entry{"HeunDiscreteScheduler", "heun", nullptr},
    Entry{"LMSDiscreteScheduler", "lms", nullptr},
    Entry{"PNDMScheduler", nullptr, pndm},
    Entry{"DPMSolverMultistepScheduler", nullptr, multistep},
    Entry{"DPMSolverSinglestepScheduler", nullptr, singlestep},
    Entry{"UniPCMultistepScheduler", nullptr, unipc},
    Entry{"DEISMultistepScheduler", nullptr, deis},
    Entry{"SASolverScheduler", nullptr, sa_solver},
    Entry{"LCMScheduler", "lcm", nullptr},
};

}  // namespace

PublishedSampler published_sampler(const Config& config) {
  const auto name =
      config.value_or<std::string>("_class_name", std::string(kClasses.front().class_name));
  for (const auto& entry : kClasses) {
    if (name != entry.class_name) continue;
    return entry.read != nullptr ? entry.read(config) : PublishedSampler{entry.sampler, {}};
  }
  std::string wanted;
  for (const auto& each : published_classes()) {
    wanted.append(wanted.empty() ? "\"" : ", \"").append(each).append("\"");
  }
  config.fail_value("_class_name", "one of " + wanted);
}

std::vector<std::string> published_classes() {
  std::vector<std::string> names;
  for (const auto& entry : kClasses) names.emplace_back(entry.class_name);
  return names;
}

}  // namespace unclip
