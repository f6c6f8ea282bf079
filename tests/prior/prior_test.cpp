#include <gtest/gtest.h>

#include "core/config.h"
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

PriorTransformer seeded_prior(const Golden& golden) {
  PriorTransformer prior(PriorConfig::from(golden.config()));
  fill_seeded(*prior, golden.seed());
  return prior;
}

PriorContext encode(PriorTransformer& prior, const Golden& golden) {
  return prior->encode(golden["text_embedding"], golden["text_hidden"],
                       golden["text_mask"].to(at::kFloat));
}

at::Tensor times(int64_t t, const at::Tensor& x) { return at::full({x.size(0)}, t, at::kLong); }

class PriorGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(PriorGolden, PredictsWhatDiffusersPredicts) {
  const Golden golden(std::string("prior_") + GetParam());
  auto prior = seeded_prior(golden);

  const auto context = encode(prior, golden);
  const auto& x_t = golden["x_t"];
  for (const int64_t t : {999, 417, 0}) {
    EXPECT_TRUE(close(prior(x_t, times(t, x_t), context), golden["x_0." + std::to_string(t)],
                      /*rtol=*/1e-5))
        << "at t = " << t;
  }
  EXPECT_TRUE(close(prior->denormalise(x_t), golden["z"], /*rtol=*/1e-6));
}
INSTANTIATE_TEST_SUITE_P(, PriorGolden, ::testing::Values("plain", "attention_first", "one_level"),
                         [](const auto& info) { return info.param; });

TEST(PriorTransformer, HasKarlosTensors) {
  const auto config = Config::read("tests/golden/karlo/prior.config.json");
  EXPECT_TRUE(has_keys_of(*PriorTransformer(PriorConfig::from(config)), "prior"));
}

TEST(PriorTransformer, NormalisingUndoesDenormalising) {
  const Golden golden("prior_plain");
  auto prior = seeded_prior(golden);
  const auto& x = golden["x_t"];
  // A clip_std near 0 loses digits of the sum with clip_mean.
  EXPECT_TRUE(close(prior->normalise(prior->denormalise(x)), x, /*rtol=*/1e-4));
}

TEST(PriorTransformer, DoesNotReadWhatTheMaskHides) {
  const Golden golden("prior_plain");
  auto prior = seeded_prior(golden);
  const auto& x_t = golden["x_t"];
  const auto mask = golden["text_mask"].to(at::kFloat);
  const auto hidden = golden["text_hidden"];

  const auto before = prior(x_t, times(500, x_t), encode(prior, golden));
  const auto noisy = at::where(mask.unsqueeze(-1) > 0, hidden, hidden + 3);
  const auto after =
      prior(x_t, times(500, x_t), prior->encode(golden["text_embedding"], noisy, mask));
  EXPECT_TRUE(close(after, before, /*rtol=*/1e-6));
  const auto other =
      prior(x_t, times(500, x_t), prior->encode(golden["text_embedding"], hidden + 3, mask));
  EXPECT_FALSE(close(other, before, /*rtol=*/1e-2));
}

}  // namespace
}  // namespace unclip
