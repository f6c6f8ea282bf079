#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/help.h"
#include "cli/metadata.h"
#include "cli/sampling.h"
#include "families/registry.h"
#include "hub/select_files.h"
#include "tests/families/twostage/twostage.h"

// What every family must agree on with itself and with the machinery, without weights.

namespace unclip {
namespace {

struct EveryFamily : ::testing::TestWithParam<const Family*> {
  const Family& family = *GetParam();
  const ModelLayout& layout = family.layout;
};
std::vector<const Family*> all_families() {
  testing::twostage::family();  // it is registered
  return families();
}
INSTANTIATE_TEST_SUITE_P(, EveryFamily, ::testing::ValuesIn(all_families()),
                         [](const auto& info) { return info.param->layout.name; });

template <class Spec>
std::set<std::string> names_of(const std::vector<Spec>& specs) {
  std::set<std::string> names;
  for (const auto& spec : specs) names.insert(spec.name);
  return names;
}

TEST(Families, HaveNamesAndClassesOfTheirOwn) {
  std::set<std::string> names, classes;
  for (const auto* family : all_families()) {
    EXPECT_TRUE(names.insert(family->layout.name).second) << family->layout.name;
    for (const auto& name : family->layout.classes) EXPECT_TRUE(classes.insert(name).second);
  }
  EXPECT_GE(names.size(), 2U);
}

// They share the flags.
TEST(Families, MeanTheSameByAStagesName) {
  std::map<std::string, Half> halves;
  for (const auto* family : all_families()) {
    for (const auto& stage : family->layout.stages) {
      EXPECT_EQ(halves.emplace(stage.name, stage.half).first->second, stage.half) << stage.name;
    }
  }
}

TEST_P(EveryFamily, HasEachPartOnceInAPlaceOfItsOwn) {
  std::set<std::string> names, places;
  for (const auto& part : layout.parts) {
    EXPECT_TRUE(names.insert(part.name).second) << part.name;
    EXPECT_TRUE(places.insert(part.home + "/" + part.key()).second) << part.name;
    EXPECT_FALSE(part.classes.empty()) << part.name;
    EXPECT_FALSE(part.libraries.empty()) << part.name;
    EXPECT_FALSE(part.configs.empty()) << part.name;
    EXPECT_EQ(part.name.find_first_of("=/ "), std::string::npos) << "--part NAME=DIR";
  }
}

TEST_P(EveryFamily, HasACompanionForEachHome) {
  std::set<std::string> homes = names_of(layout.companions), used;
  for (const auto& part : layout.parts) {
    if (!part.home.empty()) used.insert(part.home);
  }
  EXPECT_EQ(homes, used);
  for (const auto& companion : layout.companions) {
    EXPECT_FALSE(companion.classes.empty()) << "unclip convert writes the first";
    EXPECT_FALSE(companion.readme_key.empty() && companion.repository.empty()) << companion.name;
    for (const auto& name : companion.classes)
      EXPECT_EQ(layout.home_of_class(name), companion.name);
  }
}

// `unclip pull` takes its files from the description, too.
TEST_P(EveryFamily, IsPulledByItsDescription) {
  std::set<std::string> homes;
  for (const auto& part : layout.parts) homes.insert(part.home);
  for (const auto& home : homes) {
    hub::TreeListing files = {{"model_index.json", {}}};
    nlohmann::json index = {{"_class_name", layout.classes.front()}};
    for (const auto& part : layout.parts) {
      if (part.home != home) continue;
      index[part.key()] = {part.libraries.front(), part.classes.front()};
      for (const auto& config : part.configs) files[part.key() + "/" + config] = {};
      if (part.weights.empty()) continue;
      files[part.key() + "/" + part.weights + ".safetensors"] = {};
    }
    std::set<std::string> expected, found;
    for (const auto& [path, blob] : files) expected.insert(path);
    files["x.ckpt"] = {};
    const auto config = Config::parse(index.dump(), "index");
    const hub::ModelFolder folder{"owner/name", files, config, home, ""};
    for (const auto& file : hub::select_files(folder, layout, false, {})) found.insert(file.path);
    EXPECT_EQ(found, expected) << home;
  }
}

// With the part names that embedding files and CLIP's verbs know.
TEST_P(EveryFamily, CallsClipsEncodersByTheirNames) {
  for (const auto* part : {"text_encoder", "image_encoder"}) {
    ASSERT_NE(layout.part(part), nullptr) << part;
    EXPECT_FALSE(layout.part(part)->weights.empty()) << part;
  }
}

TEST_P(EveryFamily, NeedsPartsWithWeightsInTheLayoutsOrder) {
  std::vector<std::string> with_weights;
  for (const auto& part : layout.parts) {
    if (!part.weights.empty()) with_weights.push_back(part.name);
  }
  const auto all =
      family.parts({.text = true, .prior = true, .decoder = true, .image_encoder = true});
  EXPECT_EQ(all, with_weights);
  EXPECT_TRUE(family.parts({}).empty());
  for (const auto& needs : {Needs{.text = true}, Needs{.prior = true}, Needs{.decoder = true},
                            Needs{.image_encoder = true}}) {
    EXPECT_FALSE(family.parts(needs).empty());
  }
}

TEST_P(EveryFamily, HasStagesOfBothHalvesPriorFirst) {
  ASSERT_FALSE(layout.stages.empty());
  EXPECT_EQ(layout.stages.front().half, Half::kPrior);
  EXPECT_EQ(layout.stages.back().half, Half::kDecoder);
  for (size_t i = 1; i < layout.stages.size(); ++i) {
    EXPECT_LE(layout.stages[i - 1].half, layout.stages[i].half);
  }
  EXPECT_EQ(names_of(layout.stages).size(), layout.stages.size());
  for (const auto& stage : layout.stages) {
    const auto* scheduler = layout.part(stage.scheduler);
    ASSERT_NE(scheduler, nullptr) << stage.name << ": " << stage.scheduler;
    EXPECT_EQ(scheduler->configs, std::vector<std::string>{"scheduler_config.json"});
    EXPECT_FALSE(stage.label.empty());
    EXPECT_FALSE(stage.title.empty());
    EXPECT_NE(stage.name, "text") << "the name of what has no schedule";
    EXPECT_NE(stage.name, "inversion");
    EXPECT_EQ(stage.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string::npos)
        << stage.name;
  }
}

TEST_P(EveryFamily, HasDefaultsThatEveryPresetKeepsTo) {
  const ModelDefaults defaults{.stages = layout.stages};
  for (const auto& preset : preset_names()) {
    const auto plan = make_plan({.preset = preset}, defaults);
    ASSERT_EQ(plan.stages.size(), layout.stages.size());
    for (const auto& stage : plan.stages) {
      EXPECT_GE(stage.walk.steps, 1) << preset << " " << stage.spec.name;
      EXPECT_TRUE(stage.spec.guided() || stage.guidance.scale == 1) << stage.spec.name;
    }
  }
}

TEST_P(EveryFamily, HasItsFlagsInTheHelpOfGenerate) {
  const auto help = cli::long_help(cli::generate_verb(), ModelDefaults{.stages = layout.stages});
  for (const auto& stage : layout.stages) {
    EXPECT_NE(help.find("--" + stage.name + "-steps N"), std::string::npos) << stage.name;
    EXPECT_NE(help.find("--" + stage.name + "-scheduler SAMPLER"), std::string::npos);
    EXPECT_TRUE(!stage.guided() ||
                help.find("--" + stage.name + "-guidance W") != std::string::npos);
  }
}

TEST_P(EveryFamily, IsRecordedInMetadataWithEachStage) {
  const cli::Recipe recipe{.plan = make_plan({}, ModelDefaults{.stages = layout.stages}),
                           .model_hash = std::string(64, '0')};
  const auto json = cli::recipe_json(recipe);
  for (const auto& stage : layout.stages) {
    EXPECT_EQ(json.at(stage.key() + "_steps"), stage.steps);
    EXPECT_EQ(json.contains(stage.key() + "_guidance"), stage.guided()) << stage.name;
  }
}

}  // namespace
}  // namespace unclip
