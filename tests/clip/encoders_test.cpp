#include <gtest/gtest.h>

#include "base/config.h"
#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
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

class TextEncoderGolden : public ::testing::TestWithParam<const char*> {};

// The rows hold prompts, the empty one, one that is cut, rows without an end token and with
// several.
TEST_P(TextEncoderGolden, ReadsATextAsTransformersDoes) {
  const Golden golden(std::string("text_encoder_") + GetParam());
  TextEncoder encoder(ClipTextConfig::from(golden.config()));
  fill_seeded(encoder, golden.seed());

  const auto& ids = golden["token_ids"];
  const auto condition = encoder.forward(ids, at::ones_like(ids));
  EXPECT_TRUE(close(condition.text_embedding, golden["text_embedding"], /*rtol=*/1e-5));
  EXPECT_TRUE(close(condition.text_hidden, golden["text_hidden"], /*rtol=*/1e-5));
}
INSTANTIATE_TEST_SUITE_P(, TextEncoderGolden,
                         ::testing::Values("plain", "karlo_shape", "attention_first"),
                         [](const auto& info) { return info.param; });

class ImageEncoderGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(ImageEncoderGolden, SeesAPictureAsTransformersDoes) {
  const Golden golden(std::string("image_encoder_") + GetParam());
  ImageEncoder encoder(ClipVisionConfig::from(golden.config()));
  fill_seeded(encoder, golden.seed());

  EXPECT_TRUE(close(encoder.forward(golden["pixels"]), golden["image_embedding"], /*rtol=*/1e-5));
}
INSTANTIATE_TEST_SUITE_P(, ImageEncoderGolden, ::testing::Values("plain", "attention_first"),
                         [](const auto& info) { return info.param; });

TEST(TextEncoder, HasKarlosTensors) {
  const auto config = Config::read("tests/golden/karlo/text_encoder.config.json");
  EXPECT_TRUE(has_keys_of(TextEncoder(ClipTextConfig::from(config)), "text_encoder"));
}

TEST(ImageEncoder, HasKarlosTensors) {
  const auto config = Config::read("tests/golden/karlo/image_encoder.config.json");
  EXPECT_TRUE(has_keys_of(ImageEncoder(ClipVisionConfig::from(config)), "image_encoder"));
}

TEST(TextEncoder, SeesOnlyWhatComesBefore) {
  const Golden golden("text_encoder_plain");
  TextEncoder encoder(ClipTextConfig::from(golden.config()));
  fill_seeded(encoder, golden.seed());

  auto ids = golden["token_ids"].clone();
  const auto before = encoder.forward(ids, at::ones_like(ids)).text_hidden;
  ids.slice(1, 9).fill_(7);
  const auto after = encoder.forward(ids, at::ones_like(ids)).text_hidden;
  EXPECT_TRUE(close(after.slice(1, 0, 9), before.slice(1, 0, 9), /*rtol=*/1e-6));
  EXPECT_FALSE(close(after.slice(1, 9), before.slice(1, 9), /*rtol=*/1e-2));
}

}  // namespace
}  // namespace unclip
