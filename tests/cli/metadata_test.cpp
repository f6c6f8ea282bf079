#include "cli/metadata.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/version.h"
#include "families/registry.h"

namespace unclip::cli {
namespace {

Recipe recipe() {
  return {.prompt = "a red ball, left",
          .seed = 9223372036854775807,
          .width = 128,
          .height = 96,
          .plan = make_plan({.stages = {{"decoder", {.steps = 30, .guidance = {.scale = 2.5}}}}},
                            {.stages = families().front()->layout.stages}),
          .scheduler = "UnCLIPScheduler",
          .dtype = "float32",
          .device = "cpu",
          .model_name = "toybox",
          .model_hash = std::string(64, 'a')};
}

TEST(Metadata, TellsTheParametersInOneLineBehindThePrompt) {
  EXPECT_EQ(parameters_text(recipe()),
            std::string("a red ball, left\nSteps: 30, Sampler: UnCLIPScheduler, CFG scale: 2.5, "
                        "Seed: 9223372036854775807, Size: 128x96, Model hash: aaaaaaaaaa, "
                        "Model: toybox, Version: unclip ") +
                kVersion);
}

// The pattern by which the web UI takes the last line apart.
TEST(Metadata, GivesBackEachValueThroughTheReadersPattern) {
  auto odd = recipe();
  odd.model_name = "my: \"model\", 2";
  const auto text = parameters_text(odd);
  const auto line = text.substr(text.rfind('\n') + 1);
  const std::regex pattern(R"(\s*([\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$))");
  std::map<std::string, std::string> values;
  for (std::sregex_iterator it(line.begin(), line.end(), pattern), end; it != end; ++it) {
    values[(*it)[1]] = (*it)[2];
  }
  EXPECT_EQ(values.size(), 8u);
  EXPECT_EQ(values["Seed"], "9223372036854775807");
  EXPECT_EQ(values["CFG scale"], "2.5");
  EXPECT_EQ(nlohmann::json::parse(values["Model"]), odd.model_name);
}

TEST(Metadata, TellsEverythingAsJson) {
  const auto texts = metadata(recipe());
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].keyword, "parameters");
  EXPECT_EQ(texts[1].keyword, "unclip");
  const auto json = nlohmann::json::parse(texts[1].text);
  EXPECT_EQ(json["prompt"], "a red ball, left");
  EXPECT_EQ(json["seed"], uint64_t{9223372036854775807});
  EXPECT_EQ(json["decoder_steps"], 30);
  EXPECT_EQ(json["decoder_guidance"], 2.5);
  EXPECT_EQ(json["model"]["hash"], std::string(64, 'a'));
  EXPECT_EQ(json["scheduler"], "UnCLIPScheduler");
}

}  // namespace
}  // namespace unclip::cli
