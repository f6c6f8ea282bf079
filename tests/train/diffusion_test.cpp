#include "train/diffusion.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/config.h"
#include "tests/support/close.h"
#include "tests/support/error_matcher.h"

namespace unclip::train {
namespace {

Config scheduler_config(const std::string& more) {
  return Config::parse(
      R"({"_class_name": "UnCLIPScheduler", "prediction_type": "sample")" + more + "}",
      "scheduler_config.json");
}
const Diffusion kDiffusion(scheduler_config(""), at::kCPU);

TEST(Diffusion, HasTheScheduleOfTheStagesConfig) {
  const Diffusion linear(
      Config::parse(R"({"_class_name": "DDIMScheduler", "prediction_type": "sample"})", "config"),
      at::kCPU);
  const auto x_0 = at::ones({1, 1}), eps = at::zeros({1, 1}), t = at::tensor({int64_t{400}});
  const double a_t = make_noise_schedule("linear").alpha_bar[400];
  EXPECT_NEAR(linear.add_noise(x_0, t, eps).item<double>(), std::sqrt(a_t), 1e-6);
  EXPECT_GT(std::abs(kDiffusion.add_noise(x_0, t, eps).item<double>() - std::sqrt(a_t)), 1e-2);
}

TEST(Diffusion, RefusesWhatItsLossesDoNotTrain) {
  try {
    Diffusion(Config::parse(R"({"prediction_type": "epsilon"})", "scheduler_config.json"),
              at::kCPU);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(testing::mentions(error.what(),
                                  {"scheduler_config.json", "prediction_type", "\"sample\""}));
  }
}

at::Tensor long_tensor(std::vector<int64_t> values) { return at::tensor(values); }

TEST(Diffusion, AddsAlmostNoNoiseAtTheFirstTimestepAndAlmostOnlyNoiseAtTheLast) {
  at::manual_seed(1);
  const auto x_0 = at::randn({2, 3, 4, 4});
  const auto eps = at::randn({2, 3, 4, 4});
  const auto x_t = kDiffusion.add_noise(x_0, long_tensor({0, 999}), eps);
  EXPECT_LT((x_t[0] - x_0[0]).abs().max().item<double>(), 0.05);
  EXPECT_LT((x_t[1] - eps[1]).abs().max().item<double>(), 1e-3);
}

TEST(Diffusion, KeepsTheVarianceOfUnitSignals) {
  at::manual_seed(2);
  const auto x_0 = at::randn({1, 100000});
  const auto x_t = kDiffusion.add_noise(x_0, long_tensor({500}), at::randn({1, 100000}));
  EXPECT_NEAR(x_t.var().item<double>(), 1, 0.02);
}

TEST(Diffusion, WeighsAllTimestepsByOneOnAverageAndEarlyOnesNeverLess) {
  const auto weight = kDiffusion.weight(at::arange(1000));
  EXPECT_NEAR(weight.mean().item<double>(), 1, 1e-5);
  EXPECT_TRUE(at::all(weight.slice(0, 1).le(weight.slice(0, 0, 999))).item<bool>());
}

TEST(Diffusion, BoundIsZeroWhereModelAndPosteriorAgreeAndPositiveElsewhere) {
  const auto t = long_tensor({300, 300, 300});
  const auto stride = long_tensor({40, 40, 40});
  const auto f = at::tensor({-1.0F, 0.5F, -1.0F}).view({3, 1});
  const auto error = at::tensor({0.0F, 0.0F, 0.3F}).view({3, 1});
  const auto bound = kDiffusion.variance_bound(f, error, t, stride);
  EXPECT_NEAR(bound[0].item<double>(), 0, 1e-6);
  EXPECT_GT(bound[1].item<double>(), 1e-4);
  EXPECT_GT(bound[2].item<double>(), 1e-4);
}

TEST(Diffusion, BoundEqualsTheDivergenceOfTwoGaussians) {
  // KL(N(m_1, v_1) || N(m_2, v_2)) with the coefficients of a step from 700 to 660, by hand.
  const auto schedule = cosine_schedule(1000);
  const double a_t = schedule.alpha_bar[700];
  const double a_s = schedule.alpha_bar[660];
  const double beta = 1 - a_t / a_s;
  const double v_1 = (1 - a_s) / (1 - a_t) * beta;
  const double v_2 = std::sqrt(beta * v_1);  // f = 0: halfway between the logarithms
  const double d = std::sqrt(a_s) * beta / (1 - a_t) * 0.2;
  const double expected = 0.5 * (std::log(v_2 / v_1) + (v_1 + d * d) / v_2 - 1);
  const auto bound = kDiffusion.variance_bound(at::zeros({1, 1}), at::full({1, 1}, 0.2),
                                               long_tensor({700}), long_tensor({40}));
  EXPECT_NEAR(bound.item<double>(), expected, 1e-5);
}

}  // namespace
}  // namespace unclip::train
