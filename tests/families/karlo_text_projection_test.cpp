#include "families/karlo/text_projection.h"

#include <gtest/gtest.h>

#include "base/config.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/keys.h"
#include "tests/support/refusals.h"
#include "tests/support/seeded_weights.h"

namespace unclip::karlo {
namespace {

using testing::close;
using testing::expect_refused;
using testing::fill_seeded;
using testing::Golden;
using testing::has_keys_of;

class TextProjectionGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(TextProjectionGolden, ProjectsAsDiffusersDoes) {
  const Golden golden(std::string("text_proj_") + GetParam());
  TextProjection projection(TextProjectionConfig::from(golden.config()));
  fill_seeded(projection, golden.seed());

  // Rows 0 and 1 are without a picture, whatever z they are given.
  const auto z = golden["z"].repeat({2, 1});
  const auto without_image = at::tensor({1.0F, 1.0F, 0.0F, 0.0F});
  const auto& hidden = golden["text_hidden"];
  auto mask = at::ones({4, hidden.size(1)});
  mask.slice(1, 3).zero_();
  const auto context = projection.forward(z, without_image, golden["text_embedding"], hidden, mask);

  EXPECT_TRUE(close(context.tokens, golden["context"], /*rtol=*/1e-5));
  EXPECT_TRUE(close(context.time_add, golden["time_add"], /*rtol=*/1e-5));
  const auto extra = context.tokens.size(1) - hidden.size(1);
  EXPECT_TRUE(close(context.mask.to(at::kFloat), at::cat({at::ones({4, extra}), mask}, 1), 0));
}
INSTANTIATE_TEST_SUITE_P(, TextProjectionGolden, ::testing::Values("plain", "attention_first"),
                         [](const auto& info) { return info.param; });

TEST(TextProjection, HasKarlosTensors) {
  const auto config = Config::read("tests/golden/karlo/text_proj.config.json");
  EXPECT_TRUE(has_keys_of(TextProjection(TextProjectionConfig::from(config)), "text_proj"));
}

TEST(TextProjectionConfig, RefusesWhatIsNotPossibleAndNamesTheKey) {
  expect_refused<TextProjectionConfig>("tests/golden/karlo/text_proj.config.json",
                                       {{"clip_embeddings_dim", 0},
                                        {"clip_extra_context_tokens", -4},
                                        {"cross_attention_dim", "wide"},
                                        {"cross_attention_dim", nullptr},
                                        {"time_embed_dim", 1.5},
                                        {"time_embed_dim", nullptr}});
}

}  // namespace
}  // namespace unclip::karlo
