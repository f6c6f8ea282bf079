#include "scheduler/denoise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/config.h"
#include "nn/noise_source.h"
#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

// A sampler and the model that it walks over. ddim_inverse, which walks the other way, is not among
// them; ddim_inverse_test.cpp has its contract.
struct Case {
  std::string sampler;
  std::string class_name;  // of the model's own scheduler
  std::string prediction;
};

std::string name(const ::testing::TestParamInfo<Case>& info) {
  return info.param.sampler + "_of_" + info.param.class_name + "_" + info.param.prediction;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& sampler : scheduler_names()) {
    // Where the cosine schedule ends, a network's eps says next to nothing of x_0, and the sum of
    // several of them nothing at all.
    for (const auto* prediction : {"epsilon", "sample"}) {
      if (sampler == "pndm") continue;
      all.push_back({sampler, "UnCLIPScheduler", prediction});
    }
    for (const auto* prediction : {"epsilon", "sample", "v_prediction"}) {
      all.push_back({sampler, "DDIMScheduler", prediction});
    }
  }
  return all;
}

class EveryScheduler : public ::testing::TestWithParam<Case> {
 protected:
  Config config() const {
    const auto text = R"({"_class_name": ")" + GetParam().class_name +
                      R"(", "prediction_type": ")" + GetParam().prediction + R"("})";
    return Config::parse(text, "scheduler_config.json");
  }

  std::unique_ptr<Scheduler> make(int64_t steps) const {
    return make_scheduler(config(), {.sampler = GetParam().sampler, .steps = steps});
  }

  /// The model of a world in which every picture is x_0.
  Denoiser knows(const at::Tensor& x_0) const { return knows(x_0, config()); }
  Denoiser knows(const at::Tensor& x_0, const Config& config) const {
    const auto prediction = GetParam().prediction;
    const auto schedule = noise_schedule(SchedulerConfig::from(config));
    return [=](const at::Tensor& x_t, const At& at) {
      const double t = at.level.timestep;
      if (prediction == "sample") return x_0;
      const double a_t = schedule.alpha_bar_at(t);
      const auto eps = (x_t - std::sqrt(a_t) * x_0) / std::sqrt(1 - a_t);
      if (prediction == "epsilon") return eps;
      return std::sqrt(a_t) * eps - std::sqrt(1 - a_t) * x_0;
    };
  }
};

// The last step, from t = 0, leaves the noise of one training step: a hundredth.
TEST_P(EveryScheduler, FindsTheSampleOfAModelThatKnowsIt) {
  // A consistency model's answer at t = 0 is its input.
  const bool consistency = GetParam().sampler == "lcm";
  for (const int64_t steps : {1, 2, 3, 25, 100}) {
    if (consistency && make(steps)->timesteps().back() == 0) continue;
    const auto x_0 = at::linspace(-1, 1, 24).to(at::kFloat).reshape({2, 3, 2, 2});
    NoiseSource noise({5, 6});
    const auto scheduler = make(steps);
    const auto found = denoise(*scheduler, knows(x_0), noise.draw_like(x_0), noise);
    EXPECT_TRUE(close(found, x_0, /*rtol=*/0, /*atol=*/0.03)) << "in " << steps << " steps";
  }
}

TEST_P(EveryScheduler, MakesAnImageThatDoesNotDependOnItsBatch) {
  const auto model = [](const at::Tensor& x_t, const At& at) {
    const double t = at.level.timestep;
    return (x_t * 0.7 + static_cast<double>(t) / 1000).tanh();
  };
  NoiseSource both({5, 6}), second({6});
  const auto of_both = denoise(*make(7), model, both.draw({3, 2, 2}), both);
  const auto alone = denoise(*make(7), model, second.draw({3, 2, 2}), second);
  EXPECT_TRUE(close(alone, of_both.narrow(0, 1, 1), /*rtol=*/1e-6));
}

TEST_P(EveryScheduler, TellsOfEachStepAndMayBeStopped) {
  const auto x_T = at::zeros({1, 3, 2, 2});
  NoiseSource noise({1});
  std::vector<int64_t> told;
  const auto on_step = [&](const Step& step) {
    EXPECT_EQ(step.of(), static_cast<int64_t>(make(5)->timesteps().size()));
    EXPECT_TRUE(
        at::equal(step.model_output,
                  knows(x_T)(step.x_t, {.i = step.i, .level = step.scheduler.level(step.i)})));
    EXPECT_TRUE(close(step.x_0(), x_T, /*rtol=*/0, /*atol=*/1e-3));
    told.push_back(step.number());
    if (step.number() == 3) throw std::runtime_error("stop");
  };
  EXPECT_THROW(denoise(*make(5), knows(x_T), x_T, noise, on_step), std::runtime_error);
  EXPECT_EQ(told, (std::vector<int64_t>{1, 2, 3}));
}

TEST_P(EveryScheduler, KeepsShapeAndTypeOnEveryStep) {
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{2, 5}, {2, 3, 4, 6}}) {
    NoiseSource noise({1, 2});
    const at::IntArrayRef row(sizes.data() + 1, sizes.size() - 1);
    const Denoiser model = [](const at::Tensor& x_t, const At&) { return 0.1 * x_t; };
    const auto on_step = [&](const Step& step) {
      EXPECT_EQ(step.next.sizes(), at::IntArrayRef(sizes));
      EXPECT_EQ(step.next.scalar_type(), at::kFloat);
      EXPECT_TRUE(step.next.isfinite().all().item<bool>());
    };
    denoise(*make(6), model, noise.draw(row), noise, on_step);
  }
}

TEST_P(EveryScheduler, FallsStrictlyInNoiseFromStepToStep) {
  for (const int64_t steps : {1, 2, 7, 1000}) {
    const auto scheduler = make(steps);
    double before = scheduler->level(0).alpha_bar;
    std::vector<double> distinct = {before};
    for (size_t i = 1; i <= scheduler->timesteps().size(); ++i) {
      const double a = scheduler->level(i).alpha_bar;
      if (a != before) distinct.push_back(a);
      EXPECT_GE(a, before);  // a level that is asked twice stands twice
      before = a;
    }
    // The schedule's last level may be the walk's end, too.
    EXPECT_GE(static_cast<int64_t>(distinct.size()), steps);
    EXPECT_EQ(before, 1);
  }
}

TEST_P(EveryScheduler, WalksOverAllTimesteps) {
  if (GetParam().sampler == "lcm") GTEST_SKIP() << "a consistency model's answer at t = 0 is x_t";
  const auto x_0 = at::linspace(-0.9, 0.9, 6).to(at::kFloat).view({1, 3, 2});
  NoiseSource noise({3});
  const auto found = denoise(*make(1000), knows(x_0), noise.draw({3, 2}), noise);
  EXPECT_TRUE(close(found, x_0, /*rtol=*/0, /*atol=*/0.03));
}

// Nothing of the sample is left at the schedule's end, where eps says nothing of it.
TEST_P(EveryScheduler, BeginsAtPureNoise) {
  if (GetParam().class_name == "UnCLIPScheduler") GTEST_SKIP() << "it has no such key";
  if (GetParam().prediction == "epsilon") GTEST_SKIP() << "eps says nothing of x_0 there";
  if (GetParam().sampler == "pndm") GTEST_SKIP() << "its second look divides by alpha = 0";
  auto json = config().json();
  json["rescale_betas_zero_snr"] = true;
  json["timestep_spacing"] = "trailing";
  const auto rescaled = Config::parse(json.dump(), "scheduler_config.json");
  const auto scheduler = make_scheduler(rescaled, {.sampler = GetParam().sampler, .steps = 10});
  EXPECT_LT(scheduler->level(0).alpha_bar, 1e-7);
  const auto x_0 = at::linspace(-0.9, 0.9, 6).to(at::kFloat).view({1, 3, 2});
  NoiseSource noise({3});
  const auto found = denoise(*scheduler, knows(x_0, rescaled), noise.draw({3, 2}), noise);
  EXPECT_TRUE(close(found, x_0, /*rtol=*/0, /*atol=*/0.03));
}

TEST_P(EveryScheduler, RefusesNoStepsAndMoreThanThereAre) {
  EXPECT_NO_THROW(make(1));
  EXPECT_NO_THROW(make(1000));
  for (const int64_t steps : {-1, 0, 1001}) EXPECT_THROW(make(steps), Error) << steps;
}

INSTANTIATE_TEST_SUITE_P(, EveryScheduler, ::testing::ValuesIn(cases()), name);

}  // namespace
}  // namespace unclip
