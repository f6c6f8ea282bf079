#include "cli/parse_parameters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "cli/read_recipe.h"
#include "tests/weights/files.h"

namespace unclip::cli {
namespace {

using testing::error_of;

// As AUTOMATIC1111's web UI writes it.
const std::string kText =
    "a red ball, (cinematic:1.2)\nSteps: many\n"
    "Negative prompt: a cone,\nblurry\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 4141, Size: 512x768, Model hash: "
    "6ce0161689, "
    "Model: v1-5, Lora hashes: \"a: 1, b: \\\"2\\\"\", Denoising strength: 0.4, Version: v1.6.0";

TEST(ParseParameters, TakesPromptsAndValuesApart) {
  const auto text = parse_parameters(kText);
  EXPECT_EQ(text.prompt, "a red ball, (cinematic:1.2)\nSteps: many");
  EXPECT_EQ(text.negative_prompt, "a cone,\nblurry");
  EXPECT_EQ(text.values.at("Steps"), "20");
  EXPECT_EQ(text.values.at("Sampler"), "Euler a");
  EXPECT_EQ(text.values.at("Lora hashes"), "a: 1, b: \"2\"");
  EXPECT_EQ(text.values.at("Version"), "v1.6.0");
}

TEST(ParseParameters, TakesALastLineWithoutValuesForPrompt) {
  EXPECT_EQ(parse_parameters("a\nb: c").prompt, "a\nb: c");
  EXPECT_EQ(parse_parameters("").prompt, "");
  EXPECT_EQ(parse_parameters("Steps: 1, Seed: 2, Size: 3x4").values.size(), 3u);
  EXPECT_EQ(parse_parameters("a ball\r\nSteps: 1, Seed: 2, CFG scale: 3\n").prompt, "a ball");
}

TEST(ParseParameters, SurvivesAnyText) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    auto text = kText;
    for (int i = 0; i < 4; ++i) {
      text[random() % text.size()] = "\n:,\"\\ \xff\0"[random() % 8];
    }
    text.resize(random() % text.size());
    const auto parsed = parse_parameters(text);
    EXPECT_LE(parsed.prompt.size() + parsed.negative_prompt.size(), text.size());
    error_of([&] { recipe_of_parameters(text, "x"); });
  }
}

TEST(ParseParameters, TakesTimeThatTheLengthBounds) {
  for (const std::string piece : {"a:", "\"", "a: \"", ",", ":", "a: \\", "\n"}) {
    std::string text;
    while (text.size() < 200'000) text += piece;
    parse_parameters(text);
  }
}

TEST(RecipeOfParameters, KnowsWhatTheTextSays) {
  const auto found = recipe_of_parameters(kText, "x");
  EXPECT_TRUE(found.foreign);
  EXPECT_EQ(found.recipe.seed, 4141u);
  ASSERT_TRUE(found.decoder);
  EXPECT_EQ(found.decoder->steps, 20);
  EXPECT_EQ(found.decoder->guidance.scale, 7.5);
  EXPECT_EQ(found.recipe.width, 512);
  EXPECT_EQ(found.recipe.height, 768);
  EXPECT_EQ(found.recipe.model_name, "v1-5");
  EXPECT_NE(std::find(found.unknown.begin(), found.unknown.end(),
                      "the steps and guidance of the other stages"),
            found.unknown.end());
}

TEST(RecipeOfParameters, RefusesValuesThatNoneCanHave) {
  const auto refusal = [](const std::string& values) {
    return error_of([&] { recipe_of_parameters("a ball\n" + values, "x.png"); });
  };
  EXPECT_EQ(refusal("Steps: 2, CFG scale: 3, Seed: 4"), "");
  for (const auto* values :
       {"Steps: 0, CFG scale: 3, Seed: 4", "Steps: 2, CFG scale: nan, Seed: 4",
        "Steps: 2, CFG scale: 3, Seed: -1", "Steps: 2, CFG scale: 3, Size: 4x4"}) {
    EXPECT_TRUE(refusal(values).starts_with("x.png: ")) << values;
  }
}

}  // namespace
}  // namespace unclip::cli
