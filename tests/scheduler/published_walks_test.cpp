// What every key of diffusers' scheduler configs does, beside diffusers itself:
// tests/golden/make_published_walks.py alters the keys of each class, one or a few at a time.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/class_traits.h"
#include "scheduler/denoise.h"

namespace unclip {
namespace {

using Json = nlohmann::json;

/// Keys whose values other than the default may be refused.
const std::set<std::string> kRefused = {
    "use_flow_sigmas", "use_dynamic_shifting", "shift_terminal",  "disable_corrector",
    "predict_x0",      "algorithm_type",       "prediction_type", "timestep_type",
    "trained_betas",   "solver_order",         "beta_schedule",   "rescale_betas_zero_snr",
    "variance_type"};

Json golden() {
  std::ifstream file("tests/golden/published_walks.json");
  return Json::parse(file);
}

std::string class_of(const Json& record) { return record["config"]["_class_name"]; }
bool has(const Json& record, const char* key) { return record["config"].contains(key); }

/// Where docs/SCHEDULERS.md says that diffusers does otherwise.
bool ends_elsewhere(const Json& record) {
  const auto name = class_of(record);
  const bool by_distance = name == "DDIMScheduler" || name == "PNDMScheduler";
  if (by_distance && has(record, "timestep_spacing")) return true;  // the step before t - T / n
  // Where alpha is 5e-5, float32 leaves too little of x_0 to compare.
  if (record["config"].value("beta_schedule", "") == "squaredcos_cap_v2") return true;
  if (has(record, "rescale_betas_zero_snr")) return true;
  return name == "DPMSolverMultistepScheduler" && record["config"].value("solver_order", 2) == 3;
}

/// The prediction for x_t (1, 3, 2, 2), as the script has it.
at::Tensor prediction(const at::Tensor& x_t, const At& at) {
  const double t = at.level.timestep;
  return 0.5 * x_t + 0.3 * at::cos(0.01 * t + at::arange(12, at::kFloat).view({1, 3, 2, 2}));
}

std::string differs(const char* what, size_t i, double ours, double theirs) {
  return std::string(what) + " " + std::to_string(i) + ": expected " + std::to_string(theirs) +
         ", got " + std::to_string(ours);
}

/// Empty if the run is diffusers'.
std::string difference(const Json& record, const Json& golden) {
  const auto scheduler = make_scheduler(Config::parse(record["config"].dump(), "config"),
                                        record["steps"].get<int64_t>());
  const auto& timesteps = scheduler->timesteps();
  if (timesteps.size() != golden["timesteps"].size()) return "the number of timesteps";
  // Fractions of a timestep that are cut off depend on float32's last digits.
  const bool cut = class_traits_of(Config::parse(record["config"].dump(), "")).timesteps ==
                   ClassTimesteps::kOneMore;
  for (size_t i = 0; i < timesteps.size(); ++i) {
    const double t = golden["timesteps"][i];
    if (std::abs(timesteps[i] - t) > (cut ? 1.01 : 0.05)) {
      return differs("timestep", i, timesteps[i], t);
    }
  }
  for (size_t i = 0; i <= timesteps.size(); ++i) {
    const auto& sigma = golden["sigmas"][i];
    const double ours = scheduler->level(i).ratio();
    if (sigma.is_null() || (has(record, "rescale_betas_zero_snr") && i == 0)) continue;
    if (class_of(record) == "LCMScheduler" && i == timesteps.size()) continue;  // x_0 itself
    // PNDM's second evaluation of a step sees the noise of another timestep than it asks about, and
    // the golden levels are those asked about. The end, below, depends on the noise.
    if (class_of(record) == "PNDMScheduler") continue;
    if (std::abs(ours - sigma.get<double>()) > 3e-4 * ours + 1e-7) {
      return differs("sigma", i, ours, sigma);
    }
  }
  if (!golden.contains("end") || ends_elsewhere(record)) return "";
  NoiseSource noise({1});
  const auto x_T = at::linspace(-1.5, 1.5, 12).to(at::kFloat).view({1, 3, 2, 2});
  const auto end = denoise(*scheduler, prediction, x_T, noise).flatten();
  for (size_t k = 0; k < 3; ++k) {
    if (golden["end"][k].is_null()) continue;  // diffusers' is not a number
    const double ours = end[static_cast<int64_t>(4 * k)].item<double>(), theirs = golden["end"][k];
    if (std::abs(ours - theirs) > 3e-3 * std::max(1.0, std::abs(theirs))) {
      return differs("the end's number", k, ours, theirs);
    }
  }
  return "";
}

TEST(PublishedWalks, AreThoseOfDiffusersWhateverAKeySaysOrAreRefused) {
  const auto all = golden();
  std::map<std::string, Json> bases;  // by class and steps
  int64_t compared = 0, refused = 0;
  for (const auto& record : all["records"]) {
    const auto key = class_of(record) + " " + record["steps"].dump();
    if (record["config"].size() == 1) bases[key] = record;
    const auto& same = record.value("same", false) ? bases.at(key) : record;
    try {
      const auto found = record.contains("error") ? std::string() : difference(record, same);
      EXPECT_EQ(found, "") << record["config"] << ", " << record["steps"] << " steps";
      ++compared;
    } catch (const Error& error) {
      ++refused;
      if (record.contains("error")) continue;
      bool named = false;  // by the message, a key that may be refused
      for (const auto& [name, value] : record["config"].items()) {
        named = named || (kRefused.contains(name) &&
                          std::string(error.what()).find("'" + name + "'") != std::string::npos);
      }
      EXPECT_TRUE(named) << record["config"] << ": " << error.what();
    }
  }
  EXPECT_GT(compared, 1000);
  EXPECT_LT(refused, 130);
}

TEST(PublishedWalks, HaveARuleForEveryKeyOfTheTable) {
  std::set<std::string> known;
  for (const auto& rule : key_rules()) {
    EXPECT_TRUE(known.insert(rule.key).second) << rule.key << " twice";
    const bool reasoned = rule.effect != KeyEffect::kRead || rule.elsewhere != KeyEffect::kRead;
    EXPECT_EQ(reasoned, std::string(rule.reason) != "") << rule.key;
  }
  const auto all = golden();
  for (const auto& record : all["records"]) {
    for (const auto& [name, value] : record["config"].items()) {
      EXPECT_TRUE(name == "_class_name" || known.contains(name)) << name;
    }
  }
}

TEST(PublishedWalks, RefuseKeysThatNoClassHas) {
  const auto read = [](const std::string& keys) {
    try {
      SchedulerConfig::from(
          Config::parse(R"({"_class_name": "DDIMScheduler", )" + keys + "}", "config.json"));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  EXPECT_NE(read(R"("warp": 3)").find("config.json: 'warp' is 3"), std::string::npos);
  EXPECT_EQ(read(R"("warp": false, "bend": null, "_mine": 3)"), "none");
}

}  // namespace
}  // namespace unclip
