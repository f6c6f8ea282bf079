#include "vae/autoencoder.h"

#include <gtest/gtest.h>

#include "base/config.h"
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

struct SeededAutoencoder : Autoencoder {
  explicit SeededAutoencoder(const Golden& golden) : Autoencoder(VaeConfig::from(golden.config())) {
    fill_seeded(*this, golden.seed());
  }
};

TEST(Autoencoder, HasTheTensorsOfKandinskysMovq) {
  const auto config = Config::read("tests/golden/kandinsky22/movq.config.json");
  EXPECT_TRUE(has_keys_of(Autoencoder(VaeConfig::from(config)), "movq", "kandinsky22"));
}

class AutoencoderGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(AutoencoderGolden, EncodesAndDecodesAsDiffusers) {
  const Golden golden(std::string("movq_") + GetParam());
  const SeededAutoencoder movq(golden);
  EXPECT_TRUE(close(movq.encode(golden["image"]), golden["latent"], /*rtol=*/1e-5));
  EXPECT_TRUE(close(movq.decode(golden["z"]), golden["decoded"], /*rtol=*/1e-5));
}
INSTANTIATE_TEST_SUITE_P(, AutoencoderGolden,
                         ::testing::Values("plain", "published_shape", "unclipped", "other",
                                           "group_norm"),
                         [](const auto& info) { return info.param; });

TEST(Autoencoder, DecodesEachImageOfABatchAsAlone) {
  const Golden golden("movq_plain");
  const SeededAutoencoder movq(golden);
  const auto both = at::cat({golden["z"], golden["z"] + 1});
  const auto images = movq.decode(both);
  EXPECT_TRUE(close(images.narrow(0, 0, 1), golden["decoded"], /*rtol=*/1e-5));
  EXPECT_TRUE(close(images.narrow(0, 1, 1), movq.decode(golden["z"] + 1), /*rtol=*/1e-5));
}

}  // namespace
}  // namespace unclip
