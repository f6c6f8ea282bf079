#include "scheduler/guidance.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace unclip {
namespace {

using testing::close;

/// A model that is the same whichever rows it is asked for, under plain guidance.
Denoiser guided(const Denoiser& model, double scale) {
  return unclip::guided({.both = model, .conditional = model}, {.scale = scale});
}

At at_timestep(double t) {
  return {.level = {.timestep = t, .alpha_bar = cosine_schedule(1000).alpha_bar_at(t)}};
}

// Predicts its rows' numbers: row r has r + 1 in every channel, twice as many channels as x.
at::Tensor row_numbers(const at::Tensor& x, int64_t channels) {
  const auto rows = at::arange(1, x.size(0) + 1).to(at::kFloat);
  return rows.reshape({-1, 1, 1, 1}).expand({-1, channels, x.size(2), x.size(3)});
}

TEST(Guided, MixesTheUnconditionalAndTheConditionalRows) {
  const auto model = [](const at::Tensor& x, const At&) { return row_numbers(x, 3); };
  // Rows 1, 2 are unconditional, 3, 4 conditional: u + 4 (c - u) = 1 + 4 * 2, 2 + 4 * 2.
  const auto mixed = guided(model, 4)(at::zeros({2, 3, 1, 2}), at_timestep(10));
  const auto expected = at::tensor({9.0F, 10.0F}).reshape({2, 1, 1, 1}).expand({2, 3, 1, 2});
  EXPECT_TRUE(close(mixed, expected, /*rtol=*/1e-6));
}

TEST(Guided, GivesBothRowsTheSameSampleAndTimestep) {
  const auto x_t = at::arange(12).to(at::kFloat).reshape({2, 3, 1, 2});
  const auto model = [&](const at::Tensor& x, const At& at) {
    EXPECT_EQ(at.level.timestep, 417);
    EXPECT_TRUE(close(x, at::cat({x_t, x_t}), /*rtol=*/0));
    return x;
  };
  EXPECT_TRUE(close(guided(model, 8)(x_t, at_timestep(417)), x_t, /*rtol=*/1e-6));
}

TEST(Guided, KeepsTheConditionalRowsVariance) {
  const auto model = [](const at::Tensor& x, const At&) { return row_numbers(x, 6); };
  const auto mixed = guided(model, 4)(at::zeros({2, 3, 1, 2}), at_timestep(10));
  ASSERT_EQ(mixed.size(1), 6);
  const auto variance = at::tensor({3.0F, 4.0F}).reshape({2, 1, 1, 1}).expand({2, 3, 1, 2});
  EXPECT_TRUE(close(mixed.narrow(1, 3, 3), variance, /*rtol=*/0));
  EXPECT_TRUE(close(mixed.narrow(1, 0, 3), variance + 6, /*rtol=*/1e-6));
}

TEST(Guided, RunsTheConditionalRowsAloneAtScaleOne) {
  const auto model = [](const at::Tensor& x, const At&) {
    EXPECT_EQ(x.size(0), 2);
    return row_numbers(x, 3);
  };
  EXPECT_TRUE(close(guided(model, 1)(at::zeros({2, 3, 1, 1}), at_timestep(0)),
                    row_numbers(at::zeros({2, 3, 1, 1}), 3), /*rtol=*/0));
  EXPECT_FALSE(Guidance{.scale = 1}.needs_unconditional());
  EXPECT_TRUE(Guidance{.scale = 0}.needs_unconditional());
}

TEST(Guided, AtScaleZeroIsTheUnconditionalRow) {
  const auto model = [](const at::Tensor& x, const At&) { return row_numbers(x, 3); };
  EXPECT_TRUE(close(guided(model, 0)(at::zeros({2, 3, 1, 1}), at_timestep(0)),
                    row_numbers(at::zeros({2, 3, 1, 1}), 3), /*rtol=*/0));
}

/// Two pictures' predictions at random: u and c of each.
Denoiser fixed(const at::Tensor& prediction) {
  return [prediction](const at::Tensor&, const At&) { return prediction; };
}

TEST(Guided, RescaledHasTheConditionalRowsDeviationInEachPicture) {
  at::manual_seed(1);
  const auto prediction = at::randn({4, 6, 5, 5});
  const auto x_t = at::zeros({2, 3, 5, 5});
  const auto run = [&](double rescale) {
    return unclip::guided({.both = fixed(prediction), .conditional = {}},
                          {.scale = 5, .rescale = rescale})(x_t, at_timestep(500));
  };
  const auto deviations = [](const at::Tensor& x) { return x.narrow(1, 0, 3).flatten(1).std(1); };
  const auto c = prediction.narrow(0, 2, 2);
  EXPECT_TRUE(close(deviations(run(1)), deviations(c), /*rtol=*/1e-5));
  EXPECT_TRUE(close(run(0.25), 0.25 * run(1) + 0.75 * run(0), /*rtol=*/1e-5, /*atol=*/1e-6));
  EXPECT_TRUE(close(run(1).narrow(1, 3, 3), c.narrow(1, 3, 3), /*rtol=*/0));  // the variance
}

TEST(Guided, OutsideItsIntervalAsksForTheConditionalRowsAlone) {
  const auto schedule = cosine_schedule(1000);
  int64_t both = 0, conditional = 0;
  const GuidedModel model{.both =
                              [&](const at::Tensor& x, const At&) {
                                ++both;
                                return x;
                              },
                          .conditional =
                              [&](const at::Tensor& x, const At&) {
                                ++conditional;
                                return x;
                              }};
  const Guidance guidance{
      .scale = 3, .sigma_min = schedule.ratio(200), .sigma_max = schedule.ratio(700)};
  const auto walked = unclip::guided(model, guidance);
  for (const int64_t t : {999, 701, 200, 0})
    walked(at::zeros({1, 3}), at_timestep(static_cast<double>(t)));
  EXPECT_EQ(both, 0);
  EXPECT_EQ(conditional, 4);
  for (const int64_t t : {700, 500, 201})
    walked(at::zeros({1, 3}), at_timestep(static_cast<double>(t)));
  EXPECT_EQ(both, 3);
  EXPECT_EQ(conditional, 4);
}

TEST(Guided, TellsOfTheDifferenceThatItFollows) {
  const auto prediction = at::arange(8).to(at::kFloat).view({4, 2});  // u 0..3, c 4..7
  std::vector<at::Tensor> told;
  unclip::guided({.both = fixed(prediction), .conditional = {}}, {.scale = 2},
                 [&](const at::Tensor& d) { told.push_back(d); })(at::zeros({2, 2}),
                                                                  at_timestep(3));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(close(told[0], at::full({2, 2}, 4.0F), /*rtol=*/0));
}

}  // namespace
}  // namespace unclip
