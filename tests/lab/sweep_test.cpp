#include "lab/sweep.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace unclip::lab {
namespace {

using Values = std::vector<std::string>;

TEST(AxisValues, PartWalksFromEachOtherAndNotFromTheirOptions) {
  EXPECT_EQ(axis_values("1,2.5,4"), (Values{"1", "2.5", "4"}));
  EXPECT_EQ(axis_values("ddim:eta=1,clip=no,heun,unipc:order=3"),
            (Values{"ddim:eta=1,clip=no", "heun", "unipc:order=3"}));
  EXPECT_EQ(axis_values("euler:sigmas=14.6,7,0,heun,ddim:eta=1,timesteps=9,3"),
            (Values{"euler:sigmas=14.6,7,0", "heun", "ddim:eta=1,timesteps=9,3"}));
  EXPECT_EQ(axis_values("ddim:eta=1,2"), (Values{"ddim:eta=1", "2"}));
  EXPECT_EQ(axis_values("ddim"), Values{"ddim"});
  EXPECT_EQ(axis_values("1,,2,"), (Values{"1", "", "2", ""}));
  EXPECT_EQ(axis_values(""), Values{""});
}

TEST(SweepGrid, GoesThroughItsLastAxisFirst) {
  const SweepGrid grid({{"prompt", {"a", "b"}}, {"seed", {"1"}}, {"steps", {"5", "10", "20"}}});
  EXPECT_EQ(grid.cells(), 6);
  EXPECT_EQ(grid.values(0), (Values{"a", "1", "5"}));
  EXPECT_EQ(grid.values(2), (Values{"a", "1", "20"}));
  EXPECT_EQ(grid.values(3), (Values{"b", "1", "5"}));
}

TEST(SweepGrid, PutsOneAxisToTheRightAndTheRestDown) {
  const std::vector<Axis> axes = {{"prompt", {"a", "b"}},
                                  {"seed", {"1", "2"}},
                                  {"steps", {"5"}},
                                  {"guidance", {"1", "2", "3"}}};
  const auto layout = SweepGrid(axes).layout();
  EXPECT_EQ(layout.column_labels, (Values{"guidance 1", "guidance 2", "guidance 3"}));
  EXPECT_EQ(layout.row_labels, (Values{"prompt a, seed 1", "prompt a, seed 2", "prompt b, seed 1",
                                       "prompt b, seed 2"}));
  const auto other = SweepGrid(axes, "seed").layout();
  EXPECT_EQ(other.column_labels, (Values{"seed 1", "seed 2"}));
  EXPECT_EQ(other.row_labels[1], "prompt a, guidance 2");
  EXPECT_EQ(other.row_labels[3], "prompt b, guidance 1");
  const auto single = SweepGrid({{"prompt", {"a"}}, {"seed", {"1", "2"}}}).layout();
  EXPECT_TRUE(single.row_labels.empty());
  EXPECT_EQ(single.columns, 2);
}

TEST(SweepGrid, ShowsEachPictureInItsPlace) {
  const SweepGrid grid({{"prompt", {"a", "b"}}, {"seed", {"1", "2", "3"}}}, "prompt");
  std::vector<at::Tensor> pictures;  // the prompt is the red, the seed the green
  for (int64_t cell = 0; cell < 6; ++cell) {
    auto picture = at::zeros({3, 40, 40}, at::kByte);
    picture[0].fill_(50 + 100 * (cell / 3));
    picture[1].fill_(60 * (cell % 3 + 1));
    pictures.push_back(picture);
  }
  const auto sheet = grid.sheet(pictures);
  // Downwards seeds, to the right prompts: each colour once, and where it should be.
  std::vector<std::pair<int64_t, int64_t>> centres(6);
  for (int64_t cell = 0; cell < 6; ++cell) {
    const auto here =
        (sheet[0] == 50 + 100 * (cell / 3)) & (sheet[1] == 60 * (cell % 3 + 1)) & (sheet[2] == 0);
    ASSERT_EQ(here.sum().item<int64_t>(), 1600) << cell;
    const auto where = here.nonzero().to(at::kDouble).mean(0).to(at::kLong);
    centres[static_cast<size_t>(cell)] = {where[0].item<int64_t>(), where[1].item<int64_t>()};
  }
  for (size_t seed = 0; seed < 3; ++seed) {
    EXPECT_EQ(centres[seed].first, centres[seed + 3].first);
    EXPECT_LT(centres[seed].second, centres[seed + 3].second);
    if (seed > 0) {
      EXPECT_LT(centres[seed - 1].first, centres[seed].first);
    }
  }
}

TEST(SweepGrid, NamesTheNearestAxis) {
  try {
    SweepGrid({{"prompt", {"a"}}, {"decoder-steps", {"1"}}}, "decoder-step");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "there is no axis 'decoder-step'; did you mean decoder-steps? There are prompt, "
              "decoder-steps");
  }
}

}  // namespace
}  // namespace unclip::lab
