#include <gtest/gtest.h>

#include "base/config.h"
#include "prior/prior_transformer.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/keys.h"
#include "tests/support/seeded_weights.h"

namespace unclip {
namespace {

using testing::close;
using testing::fill_seeded;
using testing::Golden;
using testing::has_keys_of;

/// With the golden's weights.
struct SeededPrior : PriorTransformer {
  explicit SeededPrior(const Golden& golden)
      : PriorTransformer(PriorConfig::from(golden.config())) {
    fill_seeded(*this, golden.seed());
  }
};

/// At the timesteps (S), the same for every row.
PriorContext encode(const PriorTransformer& prior, const Golden& golden, const at::Tensor& hidden,
                    at::ArrayRef<int64_t> timesteps) {
  const auto mask = golden["text_mask"].narrow(1, 0, hidden.size(1)).to(at::kFloat);
  return prior.encode(golden["text_embedding"], hidden, mask,
                      at::tensor(timesteps).expand({mask.size(0), -1}));
}

/// The prediction at timestep s of those.
at::Tensor predicted(const PriorTransformer& prior, const at::Tensor& x_t, int64_t s,
                     const PriorContext& context) {
  return prior.forward(x_t, context.times[s], context);
}

class PriorGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(PriorGolden, PredictsWhatDiffusersPredicts) {
  const Golden golden(std::string("prior_") + GetParam());
  const SeededPrior prior(golden);

  const std::vector<int64_t> timesteps = {999, 417, 0};
  const auto context = encode(prior, golden, golden["text_hidden"], timesteps);
  const auto& x_t = golden["x_t"];
  for (int64_t s = 0; s < 3; ++s) {
    const auto t = std::to_string(timesteps[s]);
    EXPECT_TRUE(close(predicted(prior, x_t, s, context), golden["x_0." + t], /*rtol=*/1e-5))
        << "at t = " << t;
  }
  EXPECT_TRUE(close(prior.denormalise(x_t), golden["z"], /*rtol=*/1e-6));
}
INSTANTIATE_TEST_SUITE_P(, PriorGolden, ::testing::Values("plain", "attention_first", "one_level"),
                         [](const auto& info) { return info.param; });

TEST(PriorTransformer, HasKarlosTensors) {
  const auto config = Config::read("tests/golden/karlo/prior.config.json");
  EXPECT_TRUE(has_keys_of(PriorTransformer(PriorConfig::from(config)), "prior"));
}

TEST(PriorTransformer, NormalisingUndoesDenormalising) {
  const Golden golden("prior_plain");
  const SeededPrior prior(golden);
  const auto& x = golden["x_t"];
  // A clip_std near 0 loses digits of the sum with clip_mean.
  EXPECT_TRUE(close(prior.normalise(prior.denormalise(x)), x, /*rtol=*/1e-4));
}

TEST(PriorTransformer, DoesNotReadWhatTheMaskHides) {
  const Golden golden("prior_plain");
  const SeededPrior prior(golden);
  const auto& x_t = golden["x_t"];
  const auto mask = golden["text_mask"].to(at::kFloat);
  const auto hidden = golden["text_hidden"];

  const auto before = predicted(prior, x_t, 0, encode(prior, golden, hidden, {500}));
  const auto noisy = at::where(mask.unsqueeze(-1) > 0, hidden, hidden + 3);
  const auto after = predicted(prior, x_t, 0, encode(prior, golden, noisy, {500}));
  EXPECT_TRUE(close(after, before, /*rtol=*/1e-6));
  const auto other = predicted(prior, x_t, 0, encode(prior, golden, hidden + 3, {500}));
  EXPECT_FALSE(close(other, before, /*rtol=*/1e-2));

  const auto read = mask.any(0).nonzero().max().item<int64_t>() + 1;
  ASSERT_LT(read, hidden.size(1));
  const auto shorter =
      predicted(prior, x_t, 0, encode(prior, golden, hidden.narrow(1, 0, read), {500}));
  EXPECT_TRUE(close(shorter, before, /*rtol=*/1e-6));
}

TEST(PriorTransformer, KnowsNothingOfAWalksOtherTimesteps) {
  const Golden golden("prior_plain");
  const SeededPrior prior(golden);
  const auto& hidden = golden["text_hidden"];
  const auto alone = predicted(prior, golden["x_t"], 0, encode(prior, golden, hidden, {500}));
  const auto among =
      predicted(prior, golden["x_t"], 1, encode(prior, golden, hidden, {999, 500, 3}));
  EXPECT_TRUE(close(among, alone, /*rtol=*/1e-6));
}

}  // namespace
}  // namespace unclip
