#include "lab/watcher.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/csv.h"
#include "base/error.h"
#include "image/png.h"
#include "lab/tensor_watcher.h"
#include "tests/support/close.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

WatchedStep step(const std::string& stage, int64_t number, at::Tensor x) {
  return {.progress = {.stage = stage,
                       .step = number,
                       .steps = 2,
                       .first_image = 9,
                       .images = 2,
                       .total_images = 11},
          .seeds = {41, 42},
          .level = {.timestep = 500, .alpha_bar = 0.5},
          .x_t = x,
          .x_0 = x / 2,
          .guidance_rms = number == 1 ? at::tensor({0.5, 0.25}) : at::Tensor()};
}

TEST(Watcher, WritesWhatEachStepSaw) {
  const TemporaryFolder folder;
  Watcher watcher(folder / "w", /*overwrite=*/false);
  watcher.add(step("prior", 1, at::ones({2, 4})));
  watcher.add(step("prior", 2, at::ones({2, 4})));
  const auto x = at::stack({at::full({3, 4, 4}, 0.5F), at::full({3, 4, 4}, -0.5F)});
  watcher.add(step("decoder", 1, x));
  watcher.add(step("decoder", 2, x));

  const auto second = folder / "w/10-42";
  EXPECT_TRUE(testing::close(read_png(second / "decoder-0-x_t.png"), at::full({3, 4, 4}, 0.25F),
                             /*rtol=*/0, /*atol=*/0.5 / 255));
  EXPECT_TRUE(testing::close(read_png(second / "decoder-1-x_0.png"), at::full({3, 4, 4}, 0.375F),
                             /*rtol=*/0, /*atol=*/0.5 / 255));
  EXPECT_TRUE(read_text(folder / "w/09-41/decoder.gif").starts_with("GIF89a"));
  EXPECT_FALSE(fs::exists(second / "prior.gif"));
  const auto records = csv_records(read_text(second / "steps.csv"));
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[1], (std::vector<std::string>{"prior", "0", "500", "0.5", "1", "1.000000",
                                                  "0.500000", "0.250000"}));
  EXPECT_EQ(records[4], (std::vector<std::string>{"decoder", "1", "500", "0.5", "1", "0.500000",
                                                  "0.250000", ""}));
}

TEST(Watcher, EnlargesItsFilmByWholeNumbersAndLabelsIt) {
  const auto frame = at::arange(3 * 32 * 64).remainder(256).to(at::kByte).view({3, 32, 64});
  const auto large = labelled_frame(frame, "decoder  step 0 of 8  sigma 20");
  ASSERT_EQ(large.size(2), 8 * 64);
  const auto strip = large.size(1) - 8 * 32;
  ASSERT_GT(strip, 8);
  // Each pixel is a square of eight.
  const auto below = large.narrow(1, strip, 8 * 32);
  EXPECT_TRUE(at::equal(below.slice(1, 3, at::nullopt, 8).slice(2, 5, at::nullopt, 8), frame));
  EXPECT_TRUE(at::equal(below.slice(1, 7, at::nullopt, 8).slice(2, 0, at::nullopt, 8), frame));
  // There is text, and another label is another text.
  EXPECT_LT(large.narrow(1, 0, strip).min().item<int64_t>(), 100);
  EXPECT_FALSE(at::equal(large, labelled_frame(frame, "decoder  step 1 of 8  sigma 20")));
  EXPECT_EQ(labelled_frame(at::zeros({3, 256, 512}, at::kByte), "x").size(2), 512);
}

TEST(TensorWatcher, WritesEveryStepOfEveryImage) {
  const TemporaryFolder folder;
  const auto file = folder / "w.safetensors";
  TensorWatcher watcher(file);
  const auto x = at::stack({at::full({3, 4, 4}, 0.5F), at::full({3, 4, 4}, -0.5F)});
  watcher.add(step("prior", 1, at::ones({2, 4})));
  watcher.add(step("prior", 2, at::ones({2, 4})));
  watcher.add(step("decoder", 1, x));
  watcher.add(step("decoder", 2, x / 4));
  const auto written = Checkpoint::open(file);
  EXPECT_EQ(written.tensor("10-42.prior.x_t").sizes(), (at::IntArrayRef{2, 4}));
  const auto x_0 = written.tensor("10-42.decoder.x_0");
  ASSERT_EQ(x_0.sizes(), (at::IntArrayRef{2, 3, 4, 4}));
  EXPECT_TRUE(testing::close(x_0[1], at::full({3, 4, 4}, -0.0625F), /*rtol=*/1e-6));
  EXPECT_EQ(written.tensor("9-41.decoder.sigma")[0].item<double>(), 1);
  EXPECT_EQ(written.tensor("9-41.decoder.timestep")[1].item<double>(), 500);
}

TEST(Watcher, WritesIntoAnEmptyFolderUnlessItMayWriteOverIt) {
  const TemporaryFolder folder;
  const auto path = (folder / "w").string();
  write_text(folder / "w/mine.txt", "");
  EXPECT_EQ(error_of([&] { Watcher(path, false); }),
            path + ": expected an empty folder, or --overwrite; it holds files");
  EXPECT_EQ(error_of([&] { Watcher(path, true); }), "");
  EXPECT_EQ(error_of([&] { Watcher(folder / "w/mine.txt", true); }),
            path + "/mine.txt: expected a folder, got a file");
  EXPECT_TRUE(testing::mentions(error_of([&] { Watcher(folder / "none/w", false); }),
                                {"none/w", "there is no folder"}));
}

}  // namespace
}  // namespace unclip::lab
