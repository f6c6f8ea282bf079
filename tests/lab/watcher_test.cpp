#include "lab/watcher.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/csv.h"
#include "core/error.h"
#include "image/png.h"
#include "tests/support/close.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

WatchedStep step(Stage stage, int64_t number, at::Tensor x) {
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
  watcher.add(step(Stage::kPrior, 1, at::ones({2, 4})));
  watcher.add(step(Stage::kPrior, 2, at::ones({2, 4})));
  const auto x = at::stack({at::full({3, 4, 4}, 0.5F), at::full({3, 4, 4}, -0.5F)});
  watcher.add(step(Stage::kDecoder, 1, x));
  watcher.add(step(Stage::kDecoder, 2, x));

  const auto second = folder / "w/10-42";
  EXPECT_TRUE(testing::close(read_png(second / "decoder-1-x_t.png"), at::full({3, 4, 4}, 0.25F),
                             /*rtol=*/0, /*atol=*/0.5 / 255));
  EXPECT_TRUE(testing::close(read_png(second / "decoder-2-x_0.png"), at::full({3, 4, 4}, 0.375F),
                             /*rtol=*/0, /*atol=*/0.5 / 255));
  EXPECT_TRUE(read_text(folder / "w/09-41/decoder.gif").starts_with("GIF89a"));
  EXPECT_FALSE(fs::exists(second / "prior.gif"));
  const auto records = csv_records(read_text(second / "steps.csv"));
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[1], (std::vector<std::string>{"prior", "1", "500", "0.5", "1", "1.000000",
                                                  "0.500000", "0.250000"}));
  EXPECT_EQ(records[4], (std::vector<std::string>{"decoder", "2", "500", "0.5", "1", "0.500000",
                                                  "0.250000", ""}));
}

TEST(Watcher, WritesIntoAnEmptyFolderUnlessItMayWriteOverIt) {
  const TemporaryFolder folder;
  const auto path = (folder / "w").string();
  write_text(folder / "w/mine.txt", "");
  EXPECT_EQ(error_of([&] { Watcher(path, false); }),
            path + ": is not empty; an empty folder is wanted, or --overwrite");
  EXPECT_EQ(error_of([&] { Watcher(path, true); }), "");
  EXPECT_EQ(error_of([&] { Watcher(folder / "w/mine.txt", true); }),
            path + "/mine.txt: is no folder");
  EXPECT_NE(error_of([&] { Watcher(folder / "none/w", false); }), "");
}

}  // namespace
}  // namespace unclip::lab
