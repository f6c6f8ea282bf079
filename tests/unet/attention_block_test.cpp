#include "unet/attention_block.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/noise_source.h"
#include "tests/support/close.h"
#include "tests/support/seeded_weights.h"

namespace unclip {
namespace {

using testing::close;
using testing::fill_seeded;

class AttentionBlockTest : public ::testing::Test {
 protected:
  AttentionBlockTest() { fill_seeded(block, 1); }

  AttentionBlock block{
      {},
      AttentionBlock::Shape{.channels = 8, .head_width = 2, .context_width = 6, .norm_groups = 4}};
  NoiseSource noise{{1, 2}};
  at::Tensor x = noise.draw({8, 2, 3});
  UNetContext context{.time_add = {}, .tokens = noise.draw({5, 6}), .mask = at::ones({2, 5})};
};

TEST_F(AttentionBlockTest, IsTheIdentityWhenItsOutputIsZero) {
  EXPECT_FALSE(close(block(x, context), x, /*rtol=*/1e-2));
  for (const auto* name : {"to_out.0.weight", "to_out.0.bias"}) block.parameter(name).zero_();
  EXPECT_TRUE(close(block(x, context), x, /*rtol=*/0));
}

// Pixels have no order but their place: permuted pixels give the permuted result.
TEST_F(AttentionBlockTest, DoesNotKnowWhereAPixelLies) {
  const auto permuted = block(x.flip(3).contiguous(), context).flip(3);
  EXPECT_TRUE(close(permuted, block(x, context), /*rtol=*/1e-5));
}

TEST_F(AttentionBlockTest, DoesNotKnowTheOrderOfTheText) {
  const auto before = block(x, context);
  context.tokens = context.tokens.flip(1);
  EXPECT_TRUE(close(block(x, context), before, /*rtol=*/1e-5));
}

TEST_F(AttentionBlockTest, IgnoresMaskedTokensAsIfTheyWereAbsent) {
  context.mask.slice(1, 3).zero_();
  const UNetContext shorter{
      .time_add = {}, .tokens = context.tokens.slice(1, 0, 3), .mask = at::ones({2, 3})};
  EXPECT_TRUE(close(block(x, context), block(x, shorter), /*rtol=*/1e-5));
}

TEST_F(AttentionBlockTest, MixesPixelsWithEachOtherAndWithTheText) {
  const auto before = block(x, context);
  auto other = x.clone();
  other.select(2, 0).select(2, 0).add_(1);
  EXPECT_FALSE(close(block(other, context).select(2, 1), before.select(2, 1), /*rtol=*/1e-3));
  context.tokens = context.tokens + 1;
  EXPECT_FALSE(close(block(x, context), before, /*rtol=*/1e-3));
}

}  // namespace
}  // namespace unclip
