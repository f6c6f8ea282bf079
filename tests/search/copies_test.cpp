#include "search/copies.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace unclip {
namespace {

using Rows = std::vector<int64_t>;

TEST(FindCopies, GroupsRowsByTheFirstOfThem) {
  const auto x = at::randn({4, 64});
  const auto rows = at::cat({x, 3 * x.narrow(0, 2, 1), x.narrow(0, 0, 1), x.narrow(0, 2, 1)});
  const auto copies = find_copies(rows);
  EXPECT_EQ(copies.first, (Rows{0, 1, 2, 3, 2, 0, 2}));
  EXPECT_EQ(copies.distinct(), (Rows{0, 1, 2, 3}));
}

/// Rows at a distance from x, at length 1.
at::Tensor moved(const at::Tensor& x, double distance) {
  const auto unit = x / x.norm(2, {1}, true);
  auto step = at::randn_like(x);
  step = step - (step * unit).sum(1, true) * unit;
  return unit + distance * step / step.norm(2, {1}, true);
}

TEST(FindCopies, AllowsForRoundingAndNoMore) {
  for (const int64_t width : {4, 32, 768}) {
    const auto x = at::randn({200, width});
    const auto near = find_copies(at::cat({x, moved(x, 0.1 * kCopyDistance)}));
    const auto far = find_copies(at::cat({x, moved(x, 2 * kCopyDistance)}));
    int64_t right = 0;
    for (size_t row = 0; row < 200; ++row) {
      right += near.first[200 + row] == near.first[row];
      EXPECT_EQ(far.first[200 + row], 200 + static_cast<int64_t>(row)) << width;
    }
    EXPECT_EQ(right, 200) << width;
  }
}

TEST(FindCopies, KeepsGroupsThatAreKnown) {
  const auto x = at::randn({6, 32});
  // Whoever grouped the first rows thought two of them apart that are not.
  auto rows = at::cat({x, x.narrow(0, 1, 2)});
  rows[4].copy_(rows[3]);
  const auto copies = find_copies(rows, {.first = {0, 1, 2, 3, 4, 5}});
  EXPECT_EQ(copies.first, (Rows{0, 1, 2, 3, 4, 5, 1, 2}));
}

TEST(FindCopies, TakesTimeInProportionToTheRowsWhateverTheyAre) {
  // Fifty thousand copies of one row, and as many rows that all but are: no pair is compared twice.
  const auto one = at::randn({1, 32});
  EXPECT_EQ(find_copies(one.repeat({50'000, 1})).distinct().size(), 1u);
  const auto near = one + 1e-3 * at::randn({20'000, 32});
  EXPECT_EQ(find_copies(near).distinct().size(), 20'000u);
}

TEST(SelectCopies, FollowsTheRowsThatAreLeft) {
  const Copies copies{.first = {0, 1, 0, 3, 1, 0}};
  EXPECT_EQ(select_copies(copies, {2, 3, 4, 5}).first, (Rows{0, 1, 2, 0}));
  EXPECT_EQ(kept_groups(copies, {2, 3, 4, 5}), (Rows{0, 2, 1}));
  EXPECT_EQ(select_copies(copies, {}).rows(), 0);
}

}  // namespace
}  // namespace unclip
