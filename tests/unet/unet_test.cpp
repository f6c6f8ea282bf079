#include "unet/unet.h"

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

/// With the golden's weights.
struct SeededUNet : UNet {
  explicit SeededUNet(const Golden& golden) : UNet(UNetConfig::from(golden.config())) {
    fill_seeded(*this, golden.seed());
  }
};

at::Tensor times(int64_t t, const at::Tensor& x) { return at::full({x.size(0)}, t, at::kLong); }

class DecoderGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(DecoderGolden, PredictsWhatDiffusersPredicts) {
  const Golden golden(std::string("decoder_") + GetParam());
  const SeededUNet decoder(golden);

  const UNetContext context{.time_add = golden["time_add"],
                            .tokens = golden["context"],
                            .mask = golden["context_mask"].to(at::kFloat)};
  const auto& x_t = golden["x_t"];
  for (const int64_t t : {999, 417, 0}) {
    EXPECT_TRUE(close(decoder.forward(x_t, times(t, x_t), context),
                      golden["output." + std::to_string(t)],
                      /*rtol=*/1e-5))
        << "at t = " << t;
  }
}
INSTANTIATE_TEST_SUITE_P(, DecoderGolden,
                         ::testing::Values("plain", "karlo_shape", "attention_first",
                                           "unmatched_blocks", "other_sinusoids"),
                         [](const auto& info) { return info.param; });

class SuperResolutionGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(SuperResolutionGolden, PredictsWhatDiffusersPredicts) {
  const Golden golden(std::string("super_res_") + GetParam());
  const SeededUNet unet(golden);

  const auto& x = golden["x"];
  for (const int64_t t : {999, 417, 0}) {
    EXPECT_TRUE(close(unet.forward(x, times(t, x), UNetContext{}),
                      golden["output." + std::to_string(t)],
                      /*rtol=*/1e-5))
        << "at t = " << t;
  }
}
INSTANTIATE_TEST_SUITE_P(, SuperResolutionGolden,
                         ::testing::Values("plain", "karlo_shape", "attention_first",
                                           "learned_range_super_res"),
                         [](const auto& info) { return info.param; });

class KarloUNet : public ::testing::TestWithParam<const char*> {};

TEST_P(KarloUNet, HasKarlosTensors) {
  const auto path = std::string("tests/golden/karlo/") + GetParam() + ".config.json";
  EXPECT_TRUE(has_keys_of(UNet(UNetConfig::from(Config::read(path))), GetParam()));
}
INSTANTIATE_TEST_SUITE_P(, KarloUNet,
                         ::testing::Values("decoder", "super_res_first", "super_res_last"),
                         [](const auto& info) { return info.param; });

TEST(UNet, DoesNotReadWhatTheMaskHides) {
  const Golden golden("decoder_plain");
  const SeededUNet decoder(golden);
  const auto& x_t = golden["x_t"];
  const auto mask = golden["context_mask"].to(at::kFloat);
  UNetContext context{.time_add = golden["time_add"], .tokens = golden["context"], .mask = mask};

  const auto before = decoder.forward(x_t, times(500, x_t), context);
  context.tokens = at::where(mask.unsqueeze(-1) > 0, golden["context"], golden["context"] + 3);
  EXPECT_TRUE(close(decoder.forward(x_t, times(500, x_t), context), before, /*rtol=*/1e-6));
  EXPECT_TRUE(close(decoder.forward(x_t, times(500, x_t), decoder.prepare(context)), before, 1e-6));
  context.tokens = golden["context"] + 3;
  EXPECT_FALSE(close(decoder.forward(x_t, times(500, x_t), context), before, /*rtol=*/1e-3));
}

// Convolutions with borders of zeros and a normalisation over all pixels know no left and right:
// weights that are mirrored in the picture's width give the mirrored prediction.
TEST(UNet, PaintsTheMirrorImageWithMirroredWeights) {
  const Golden golden("super_res_attention_first");
  const SeededUNet unet(golden);
  const auto& x = golden["x"];
  for (const auto& [name, tensor] : unet.parameters()) {
    if (tensor.dim() == 4) tensor.copy_(tensor.flip(3));
  }
  const auto mirrored = unet.forward(x.flip(3), times(417, x), UNetContext{});
  EXPECT_TRUE(close(mirrored.flip(3), golden["output.417"], /*rtol=*/1e-5));
}

}  // namespace
}  // namespace unclip
