#include <gtest/gtest.h>

#include <algorithm>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"
#include "scheduler/scheduler.h"
#include "tests/scheduler/gaussian_world.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::GaussianWorld;
using testing::Golden;

struct InverseCase {
  const char* name;
  const char* config;
};

// The project's decoders first: UnCLIPScheduler, and a network that learned its variance too.
const std::vector<InverseCase> kCases = {
    {"unclip_epsilon", R"({"variance_type": "learned_range"})"},
    {"unclip_sample", R"({"prediction_type": "sample", "variance_type": "learned_range"})"},
    {"ddim_epsilon", R"({"_class_name": "DDIMScheduler"})"},
    {"ddim_sample", R"({"_class_name": "DDIMScheduler", "prediction_type": "sample",
                        "timestep_spacing": "trailing"})"},
    {"ddim_v_prediction", R"({"_class_name": "DDIMScheduler", "prediction_type": "v_prediction",
                              "beta_schedule": "scaled_linear", "set_alpha_to_one": false})"}};

class DdimInverse : public ::testing::TestWithParam<InverseCase> {
 protected:
  const Config config = Config::parse(GetParam().config, "scheduler_config.json");
  const GaussianWorld world{config, at::tensor({-0.4F, 0.0F, 0.7F}).reshape({3, 1}),
                            at::tensor({0.3F, 1.0F, 0.6F}).reshape({3, 1})};
  const at::Tensor x_0 =
      at::tensor({-0.1F, -0.6F, 0.5F, -1.5F, 0.9F, 0.2F}).reshape({1, 3, 2});  // (B, C, W)
  NoiseSource noise{{1}};

  at::Tensor inverted(int64_t steps, int64_t iterations) {
    const auto inverse =
        make_scheduler(config, {.sampler = "ddim_inverse",
                                .steps = steps,
                                .clip = false,
                                .own = {{"iterations", std::to_string(iterations)}}});
    return denoise(*inverse, world.model(), x_0, noise);
  }

  at::Tensor sampled(const at::Tensor& x_T, int64_t steps) {
    const auto ddim = make_scheduler(config, {.sampler = "ddim", .steps = steps, .clip = false});
    return denoise(*ddim, world.model(), x_T, noise);
  }

  double error_of_return(int64_t steps, int64_t iterations) {
    return (sampled(inverted(steps, iterations), steps) - x_0).abs().max().item<double>();
  }
};

TEST_P(DdimInverse, GoesBackOverTheTimestepsOfDdim) {
  const WalkOptions inverse{.sampler = "ddim_inverse", .steps = 7};
  auto mirrored = make_scheduler(config, {.sampler = "ddim", .steps = 7})->timesteps();
  std::reverse(mirrored.begin(), mirrored.end());
  EXPECT_EQ(make_scheduler(config, inverse)->timesteps(), mirrored);

  auto twice = inverse;
  twice.own["iterations"] = "2";
  const auto repeated = make_scheduler(config, twice)->timesteps();
  ASSERT_EQ(repeated.size(), 14u);
  for (size_t i = 0; i < repeated.size(); ++i) EXPECT_EQ(repeated[i], mirrored[i / 2]);
}

TEST_P(DdimInverse, AndDdimReturnToTheSample) {
  EXPECT_LT(error_of_return(100, 6), 1e-5);
  EXPECT_LT(error_of_return(20, 20), 1e-5);
}

TEST_P(DdimInverse, ReturnsTheNearerTheMoreItIterates) {
  double last = 1;
  for (const int64_t iterations : {1, 2, 4}) {
    const auto error = error_of_return(50, iterations);
    EXPECT_LT(error, last / 10) << iterations;
    last = error;
  }
}

TEST_P(DdimInverse, WithoutIterationErrsInFirstOrder) {
  EXPECT_LT(error_of_return(200, 1), 0.65 * error_of_return(100, 1));
}

TEST_P(DdimInverse, EndsWhereTheOrdinaryDifferentialEquationDoes) {
  EXPECT_TRUE(close(inverted(1000, 1), world.noise_of(x_0), /*rtol=*/0, /*atol=*/1e-2));
}

TEST_P(DdimInverse, DrawsNoNoise) {
  NoiseSource untouched({1});
  inverted(5, 2);
  EXPECT_TRUE(close(noise.draw({4}), untouched.draw({4}), /*rtol=*/0));
}

TEST_P(DdimInverse, RefusesNoStepsAndMoreThanThereAre) {
  EXPECT_NO_THROW(inverted(1, 1));
  for (const int64_t steps : {-1, 0, 1001}) EXPECT_THROW(inverted(steps, 1), Error) << steps;
}

INSTANTIATE_TEST_SUITE_P(, DdimInverse, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST(DdimInverseGolden, WalksAsDiffusersDoes) {
  const Golden golden("scheduler_ddim_offset");
  for (const int64_t n : {2, 5, 25}) {
    const auto key = "." + std::to_string(n);
    const auto inverse = make_scheduler(golden.config(), {.sampler = "ddim_inverse", .steps = n});
    const auto& x = golden["x" + key + ".inverse"];
    NoiseSource noise({1, 2});
    for (int64_t i = 0; i < n; ++i) {
      const auto next =
          inverse->step(golden["model_output" + key][i], static_cast<size_t>(i), x[i], noise);
      EXPECT_TRUE(close(next, x[i + 1], /*rtol=*/1e-5)) << "step " << i << " of " << n;
    }
  }
}

}  // namespace
}  // namespace unclip
