#include "train/training_world.h"
#include "families/registry.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>

#include "base/error.h"
#include "tests/train/world_folder.h"
#include "weights/model_dir.h"
#include "world/caption.h"
#include "world/picturebook/caption.h"

namespace unclip::train {
namespace {

namespace fs = std::filesystem;

struct WorldScratch {
  fs::path path;
  WorldScratch() {
    auto name = (fs::temp_directory_path() / "world-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~WorldScratch() { fs::remove_all(path); }
  void write(const char* text) const { std::ofstream(path / "training.json") << text; }
};

// The claim with the left or upper object first; nothing if it does not say which that is.
template <class Claim>
std::optional<Claim> in_order(const Claim& claim) {
  switch (claim.relation) {
    case world::Relation::kLeftOf:
    case world::Relation::kAbove:
      return claim;
    case world::Relation::kRightOf:
    case world::Relation::kBelow:
      return turned(claim);
    default:
      return std::nullopt;
  }
}

class EveryWorld : public ::testing::TestWithParam<std::string> {
 protected:
  const TrainingWorld& world() const { return training_world(GetParam()); }
};

TEST_P(EveryWorld, DrawsScenesOfWhichTheirCaptionsAreTrue) {
  world::Random random(1);
  const auto scenes = world().random_scenes(32, random);
  ASSERT_EQ(scenes->size(), 32);
  ASSERT_EQ(scenes->captions().size(), 32u);
  for (int64_t i = 0; i < 32; ++i) EXPECT_TRUE(scenes->is_true(i, i)) << scenes->captions()[i];
  const auto images = scenes->render(16);
  EXPECT_EQ(images.sizes(), at::IntArrayRef({32, 3, 16, 16}));
  EXPECT_GE(images.min().item<float>(), 0);
  EXPECT_LE(images.max().item<float>(), 1);
}

TEST_P(EveryWorld, ContrastsScenesThatDifferInOneThing) {
  world::Random random(2);
  const auto scenes = world().contrasting_scenes(64, 4, random);
  ASSERT_EQ(scenes->size(), 64);
  for (int64_t i = 0; i < 64; ++i) {
    // A variant is false of the first scene of its group.
    const auto first = i / 4 * 4;
    EXPECT_EQ(scenes->is_true(i, first), i == first) << scenes->captions()[i];
  }
}

TEST_P(EveryWorld, AnswersItsQuestions) {
  world::Random random(3);
  const auto counts = world().answer_counts();
  const auto answers = world().random_scenes(500, random)->answers();
  ASSERT_EQ(answers.sizes(), at::IntArrayRef({500, static_cast<int64_t>(counts.size())}));
  for (int64_t q = 0; q < answers.size(1); ++q) {
    std::set<int64_t> seen;
    for (int64_t i = 0; i < 500; ++i) seen.insert(answers[i][q].item<int64_t>());
    EXPECT_LT(*seen.rbegin(), counts[q]) << q;
    seen.erase(kNoAnswer);
    EXPECT_GE(*seen.begin(), 0) << q;
    EXPECT_GT(seen.size(), 1u) << "question " << q << " always has one answer";
  }
}

TEST_P(EveryWorld, IsTheSameFromTheSameSeed) {
  world::Random one(4), other(4);
  const auto a = world().random_scenes(8, one), b = world().random_scenes(8, other);
  EXPECT_EQ(a->captions(), b->captions());
  EXPECT_TRUE(at::equal(a->render(24), b->render(24)));
}

TEST_P(EveryWorld, HasAModelFolderThatKnowsItsWords) {
  const auto folder = testing::world_folder(GetParam());
  EXPECT_EQ(&world_of_model(folder), &world());
  EXPECT_EQ(open_model_dir(folder).defaults().known_words, world().known_words());
}

INSTANTIATE_TEST_SUITE_P(, EveryWorld, ::testing::ValuesIn(training_worlds()),
                         [](const auto& param) { return param.param; });

// Of scenes whose caption says which of two objects is at the left or top: that one's answers are
// first.
TEST(TrainingWorld, AnswersNameTheLeftOrUpperObjectFirst) {
  world::Random random(5);
  const auto toys = training_world("toybox").random_scenes(300, random);
  const auto book = training_world("picturebook").random_scenes(300, random);
  const auto of_toys = toys->answers(), of_book = book->answers();
  int checked = 0;
  for (int64_t i = 0; i < 300; ++i) {
    const auto toy = world::parse_caption(toys->captions()[static_cast<size_t>(i)]);
    ASSERT_TRUE(toy);
    if (const auto ordered = in_order(*toy)) {
      for (int64_t k = 0; k < 2; ++k) {
        const auto& object = ordered->objects[static_cast<size_t>(k)];
        EXPECT_EQ(of_toys[i][2 + 3 * k].item<int64_t>(), static_cast<int64_t>(object.shape));
        EXPECT_EQ(of_toys[i][3 + 3 * k].item<int64_t>(), static_cast<int64_t>(object.colour));
      }
      ++checked;
    }
    const auto claim = world::picturebook::parse_caption(book->captions()[static_cast<size_t>(i)]);
    ASSERT_TRUE(claim);
    if (const auto ordered = in_order(*claim)) {
      for (int64_t k = 0; k < 2; ++k) {
        EXPECT_EQ(of_book[i][3 + 2 * k].item<int64_t>(),
                  ordered->objects[static_cast<size_t>(k)].kind.index());
      }
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(TrainingWorld, IsTheToyWorldWithoutAFileThatNamesOne) {
  const WorldScratch scratch;
  EXPECT_EQ(world_of_model(scratch.path).name(), "toybox");
  scratch.write(R"({"world": "picturebook"})");
  EXPECT_EQ(world_of_model(scratch.path).name(), "picturebook");
}

TEST(TrainingWorld, FaultsOfTheFileAreNamed) {
  const WorldScratch scratch;
  for (const auto& [text, found] :
       {std::pair(R"({"world": "picturebok"})", "picturebok"), std::pair("{}", "world"),
        std::pair("", "training.json"), std::pair(R"({"world": 3})", "world")}) {
    scratch.write(text);
    try {
      world_of_model(scratch.path);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("training.json"), message.npos) << message;
      EXPECT_NE(message.find(found), message.npos) << message;
    }
  }
  EXPECT_THROW(training_world("picturebok"), Error);
}

}  // namespace
}  // namespace unclip::train
