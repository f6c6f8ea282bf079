#include "lab/scorer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "image/png.h"
#include "tests/support/golden.h"
#include "tests/support/tiny_models.h"

namespace unclip::lab {
namespace {

const char* const kToybox = "weights/toybox";

/// The README's first picture, as if it had been painted from the prompt.
GeneratedImage picture(const std::string& prompt) {
  auto clip = Engine::load(kToybox, {.text = true});
  return {.prompt = prompt,
          .text_embedding = clip.encode_texts({prompt})[0],
          .image = read_png("docs/first-picture.png")};
}

TEST(Scorer, TellsWhetherAPictureShowsItsPrompt) {
  Scorer scorer(kToybox, {});
  const auto right = scorer.score(picture("a red ball left of a green cone"));
  const auto wrong = scorer.score(picture("a blue cube above a pink star"));
  EXPECT_EQ(right.faithful, true);
  EXPECT_EQ(wrong.faithful, false);
  ASSERT_TRUE(right.clip && wrong.clip);
  EXPECT_GT(*right.clip, *wrong.clip + 0.2);
  // What the judge does not understand is no miss.
  EXPECT_EQ(scorer.score(picture("a fox")).faithful, std::nullopt);
}

TEST(Scorer, KnowsNothingOfAModelWithoutTheParts) {
  const testing::TemporaryFolder folder;
  const testing::TinyModel write(testing::Golden("pipeline_plain"), folder.path());
  std::filesystem::remove_all(folder / "image_encoder");
  const auto score = Scorer(folder.path(), {}).score(picture("a red ball"));
  EXPECT_EQ(score.faithful, std::nullopt);
  EXPECT_EQ(score.clip, std::nullopt);
}

}  // namespace
}  // namespace unclip::lab
