#include "nn/noise_source.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

TEST(NoiseSource, DrawsTheNumbersOfPythonsGenerators) {
  const Golden golden("scheduler_decoder");
  NoiseSource noise({golden.seed(), golden.seed() + 1});
  EXPECT_TRUE(close(noise.draw({3, 2, 3}), golden["x.5"][0], /*rtol=*/0));
}

TEST(NoiseSource, GivesAnImageTheSameNoiseInEveryBatch) {
  NoiseSource batch({7, 8, 9}), alone({8});
  for (int step = 0; step < 3; ++step) {
    EXPECT_TRUE(close(alone.draw({5, 7}), batch.draw({5, 7}).narrow(0, 1, 1), /*rtol=*/0));
  }
}

TEST(NoiseSource, DrawsInFloat32InTheShapeOfASample) {
  NoiseSource noise({1, 2}), other({1, 2});
  const auto drawn = noise.draw_like(at::zeros({2, 3, 4}, at::kBFloat16));
  EXPECT_EQ(drawn.scalar_type(), at::kFloat);
  EXPECT_TRUE(close(drawn, other.draw({3, 4}), /*rtol=*/0));
}

TEST(NoiseSource, TakesEverySeed) {
  // torch 2.11.0: torch.randn(1, 4, generator=torch.Generator().manual_seed(s)), s = 0 and 2^63 - 1
  const auto expected = at::tensor({1.5409960746765137, -0.293428897857666, -2.1787893772125244,
                                    0.5684312582015991, 1.2197630405426025, -0.3929794728755951,
                                    1.0230751037597656, -0.3734211325645447});
  NoiseSource noise({0, uint64_t{INT64_MAX}});
  EXPECT_TRUE(close(noise.draw({4}), expected.reshape({2, 4}), /*rtol=*/1e-7));
}

TEST(NoiseSource, GoesOnBehindDrawsThatItSkips) {
  NoiseSource all({7, 8}), later({7, 8});
  for (int i = 0; i < 3; ++i) all.draw({5});
  EXPECT_EQ(all.draws(), 3);
  later.skip(0, 3, {5});
  later.skip(1, 3, {5});
  EXPECT_EQ(later.draws(), 0);
  EXPECT_TRUE(close(later.draw({3, 4}), all.draw({3, 4}), /*rtol=*/0));
}

TEST(NoiseSource, RefusesARowTooMany) {
  NoiseSource noise({1, 2});
  EXPECT_THROW(noise.draw_like(at::zeros({3, 4})), c10::Error);
}

TEST(NoiseSource, IsCopiedWithWhatItWouldGiveNext) {
  NoiseSource noise({3, 4});
  noise.draw({5});
  NoiseSource copy = noise;
  EXPECT_EQ(copy.draws(), 1);
  const auto next = noise.draw({7});
  noise.draw({9});  // which does not move the copy on
  EXPECT_TRUE(at::equal(copy.draw({7}), next));
}

}  // namespace
}  // namespace unclip
