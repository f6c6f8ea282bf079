#include "unet/walk_times.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/seeded_weights.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

struct Decoder {
  Decoder() { testing::fill_seeded(*unet, golden.seed()); }
  Golden golden{"decoder_plain"};
  std::shared_ptr<UNet> unet = std::make_shared<UNet>(UNetConfig::from(golden.config()));
  UNetContext context{.time_add = golden["time_add"],
                      .tokens = golden["context"],
                      .mask = golden["context_mask"].to(at::kFloat)};
};

// More than are encoded at once, each twice in a row, as Heun's sampler asks for them.
TEST(WalkTimes, AreWhatEachTimestepIsAlone) {
  const at::NoGradGuard no_grad;
  Decoder decoder;
  const auto rows = decoder.context.time_add.size(0);
  std::vector<double> timesteps;
  for (int i = 0; i < 35; ++i) timesteps.insert(timesteps.end(), 2, 999 - 28.5 * i);
  WalkTimes times(decoder.unet, timesteps, rows, decoder.context, at::kCPU);
  for (size_t i = 0; i < timesteps.size(); ++i) {
    const double t = timesteps[i];
    const auto alone =
        decoder.unet->encode_times(at::full({rows, 1}, t, at::kFloat), decoder.context)[0];
    EXPECT_TRUE(close(times.at(i), alone, /*rtol=*/1e-5)) << "at t = " << t;
  }
}

TEST(WalkTimes, KnowNoTimestepThatIsNotTheWalks) {
  const at::NoGradGuard no_grad;
  Decoder decoder;
  WalkTimes times(decoder.unet, {999, 500}, 1, decoder.context, at::kCPU);
  EXPECT_THROW(times.at(2), c10::Error);
}

// UNet::prepare makes the scores' mask for pictures of the config's size.
TEST(UNetContext, SuitsPicturesOfOtherSizes) {
  const at::NoGradGuard no_grad;
  Decoder decoder;
  const auto prepared = decoder.unet->prepare(decoder.context);
  const auto side = decoder.unet->config().sample_size;
  for (const auto other : {side / 2, side, 2 * side}) {
    const auto x = at::randn({decoder.context.time_add.size(0), 3, other, other});
    const auto t = at::full({x.size(0)}, 417, at::kLong);
    EXPECT_TRUE(close(decoder.unet->forward(x, t, prepared),
                      decoder.unet->forward(x, t, decoder.context), 1e-5))
        << other;
  }
}

}  // namespace
}  // namespace unclip
