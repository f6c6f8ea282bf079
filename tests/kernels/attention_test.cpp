#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/operators.h"
#include "tests/support/close.h"

namespace unclip::testing {
namespace {

struct Case {
  int64_t batch, heads, queries, keys, width;
  std::vector<int64_t> mask;  // its shape; empty: none
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.batch << "x" << c.heads << " " << c.queries << "->" << c.keys << " of " << c.width
       << " mask " << at::IntArrayRef(c.mask);
}

at::Tensor attention_by_definition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                   const op::Maybe& mask) {
  const auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
  auto scores =
      at::matmul(wide(q), wide(k).transpose(2, 3)) / std::sqrt(static_cast<double>(q.size(3)));
  if (mask) scores = scores + wide(*mask);
  return at::matmul(at::softmax(scores, -1), wide(v));
}

class EveryAttention : public ::testing::TestWithParam<Case> {};

TEST_P(EveryAttention, AgreesWithItsDefinition) {
  const at::NoGradGuard no_grad;
  const auto& c = GetParam();
  for (const auto type : op::kTypes) {
    // Queries as the networks have them: heads side by side in a token's row.
    const auto q = op::random({c.batch, c.queries, c.heads, c.width}, type, 1).transpose(1, 2);
    const auto k = op::random({c.batch, c.heads, c.keys, c.width}, type, 2);
    const auto v = op::random({c.batch, c.heads, c.keys, c.width}, type, 3);
    op::Maybe mask;
    if (!c.mask.empty()) mask = op::random(c.mask, type, 4);
    EXPECT_TRUE(close(op::attention(q, k, v, mask), attention_by_definition(q, k, v, mask),
                      2 * op::rounding(type, 5e-6)));
  }
}

TEST(Attention, OfFewQueriesReadsKeysAndValuesWhereTheyLie) {
  const at::NoGradGuard no_grad;
  for (const auto type : op::kTypes) {
    // Heads side by side in a token's row, of which some tokens are left out.
    const auto rows = [&](uint64_t seed) {
      return op::random({2, 50, 3, 32}, type, seed).transpose(1, 2).narrow(2, 5, 41);
    };
    const auto q = rows(1).narrow(2, 0, 2), k = rows(2), v = rows(3);
    EXPECT_TRUE(close(op::attention(q, k, v, std::nullopt),
                      attention_by_definition(q, k, v, std::nullopt),
                      2 * op::rounding(type, 5e-6)));
  }
}

// Keys and widths that fill chunks and vectors, and that do not; queries of one block and of
// several, and so few that they have a kernel of their own; masks of every kind that is used, and
// one that is each head's own.
INSTANTIATE_TEST_SUITE_P(
    , EveryAttention,
    ::testing::Values(Case{2, 2, 64, 86, 32, {2, 1, 1, 86}}, Case{1, 3, 5, 7, 4, {}},
                      Case{2, 4, 2, 19, 64, {2, 1, 2, 19}}, Case{2, 3, 1, 33, 40, {2, 1, 1, 33}},
                      Case{1, 2, 3, 16, 7, {}}, Case{3, 2, 4, 40, 24, {1, 1, 4, 40}},
                      Case{1, 2, 300, 310, 40, {1, 1, 1, 310}},
                      Case{2, 1, 16, 16, 48, {1, 1, 16, 16}}, Case{1, 2, 8, 33, 2, {1, 2, 8, 33}},
                      Case{1, 1, 1, 1, 16, {}}, Case{1, 2, 40, 40, 104, {}},
                      // Wider heads than the kernel's, of an autoencoder and of an image encoder.
                      Case{1, 1, 230, 300, 512, {}}, Case{2, 1, 5, 257, 520, {2, 1, 1, 257}},
                      Case{1, 2, 120, 2100, 67, {1, 1, 120, 2100}}));

TEST(Attention, ReadsNothingThatItsMaskHides) {
  const at::NoGradGuard no_grad;
  const auto q = op::random({1, 2, 20, 32}, at::kFloat, 1);
  auto k = op::random({1, 2, 40, 32}, at::kFloat, 2), v = op::random({1, 2, 40, 32}, at::kFloat, 3);
  auto mask = at::zeros({1, 1, 1, 40});
  mask.narrow(3, 30, 10).fill_(-10000);
  const auto before = op::attention(q, k, v, mask);
  v.narrow(2, 30, 10).fill_(1e6);
  EXPECT_TRUE(close(op::attention(q, k, v, mask), before, /*rtol=*/0));
  const auto shorter =
      op::attention(q, k.narrow(2, 0, 30), v.narrow(2, 0, 30), mask.narrow(3, 0, 30));
  EXPECT_TRUE(close(shorter, before, /*rtol=*/1e-6));
}

TEST(Attention, OfManyKeysStandsScoresThatRiseAndMasksOfInfinity) {
  const at::NoGradGuard no_grad;
  // Each block of keys has higher scores than the one before; the first ones are hidden.
  const auto q = op::random({1, 1, 20, 256}, at::kFloat, 1).abs();
  const auto k = op::random({1, 1, 1000, 256}, at::kFloat, 2).abs() *
                 at::linspace(0, 4, 1000).view({1, 1, 1000, 1});
  const auto v = op::random({1, 1, 1000, 256}, at::kFloat, 3);
  auto mask = at::zeros({1, 1, 1, 1000});
  mask.narrow(3, 0, 300).fill_(-std::numeric_limits<float>::infinity());
  for (const auto& keys : {k, k.flip(2)}) {
    EXPECT_TRUE(close(op::attention(q, keys, v, mask), attention_by_definition(q, keys, v, mask),
                      /*rtol=*/2e-5));
  }
}

TEST(Attention, StandsLargeScores) {
  const at::NoGradGuard no_grad;
  const auto q = 100 * op::random({1, 1, 8, 16}, at::kFloat, 1);
  const auto k = 100 * op::random({1, 1, 24, 16}, at::kFloat, 2);
  const auto v = op::random({1, 1, 24, 16}, at::kFloat, 3);
  EXPECT_TRUE(close(op::attention(q, k, v, std::nullopt),
                    attention_by_definition(q, k, v, std::nullopt),
                    /*rtol=*/1e-4));
}

TEST(Attention, GivesTheSameOnOneThreadAndOnTwo) {
  const at::NoGradGuard no_grad;
  const int before = at::get_num_threads();
  const auto q = op::random({1, 3, 250, 32}, at::kFloat, 1);
  const auto k = op::random({1, 3, 270, 32}, at::kFloat, 2);
  at::set_num_threads(1);
  const auto one = op::attention(q, k, k, std::nullopt);
  at::set_num_threads(2);
  const auto two = op::attention(q, k, k, std::nullopt);
  at::set_num_threads(before);
  EXPECT_TRUE(close(two, one, /*rtol=*/0));
}

TEST(Attention, HasAGradientWhereOneIsWanted) {
  auto q = op::random({1, 2, 8, 16}, at::kFloat, 1).requires_grad_();
  const auto k = op::random({1, 2, 9, 16}, at::kFloat, 2);
  op::attention(q, k, k, std::nullopt).sum().backward();
  EXPECT_TRUE(q.grad().defined());
}

}  // namespace
}  // namespace unclip::testing
