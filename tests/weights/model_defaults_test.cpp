#include "weights/model_defaults.h"

#include "families/registry.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::TemporaryFolder;
using testing::write_text;

const ModelLayout& karlo() { return families().front()->layout; }

TEST(ModelDefaults, AreKarlosWithoutAFile) {
  const TemporaryFolder folder;
  const auto d = ModelDefaults::read(folder / "karlo/", karlo());
  EXPECT_EQ(d.name, "karlo");
  EXPECT_EQ(d.stage("prior")->steps, 25);
  EXPECT_EQ(d.stage("decoder")->steps, 25);
  EXPECT_EQ(d.stage("super-res")->steps, 7);
  EXPECT_EQ(d.stage("prior")->guidance, 4);
  EXPECT_EQ(d.stage("decoder")->guidance, 8);
  EXPECT_EQ(d.mix_guidance, 8);
  EXPECT_TRUE(d.known_words.empty());
}

TEST(ModelDefaults, NameASnapshotOfTheHubByItsRepository) {
  const TemporaryFolder folder;
  const std::string commit = "0123456789abcdef0123456789abcdef01234567";
  const auto name = [&](const std::string& path) {
    return ModelDefaults::read(folder / path, karlo()).name;
  };
  EXPECT_EQ(name("models--kakaobrain--karlo-v1-alpha/snapshots/" + commit),
            "kakaobrain/karlo-v1-alpha");
  EXPECT_EQ(name("models--gpt2/snapshots/" + commit + "/"), "gpt2");
  EXPECT_EQ(name("models--a--b/other/" + commit), commit);
  EXPECT_EQ(name("snapshots/" + commit), commit);
  const auto snapshot = "models--a--b/snapshots/" + commit;
  write_text(folder / (snapshot + "/unclip.json"), R"({"name": "mine"})");
  EXPECT_EQ(name(snapshot), "mine");
}

TEST(ModelDefaults, ComeFromTheFile) {
  const TemporaryFolder folder;
  write_text(folder / "unclip.json", R"({"name": "toybox", "prior_steps": 10, "super_res_steps": 3,
      "decoder_guidance": 2.5, "known_words": ["a", "ball"]})");
  const auto d = ModelDefaults::read(folder.path(), karlo());
  EXPECT_EQ(d.name, "toybox");
  EXPECT_EQ(d.stage("prior")->steps, 10);
  EXPECT_EQ(d.stage("decoder")->steps, 25);
  EXPECT_EQ(d.stage("super-res")->steps, 3);
  EXPECT_EQ(d.stage("decoder")->guidance, 2.5);
  EXPECT_EQ(d.mix_guidance, 2.5);
  EXPECT_EQ(d.known_words, (std::vector<std::string>{"a", "ball"}));
  write_text(folder / "unclip.json", R"({"decoder_guidance": 2.5, "mix_guidance": 1.5})");
  EXPECT_EQ(ModelDefaults::read(folder.path(), karlo()).mix_guidance, 1.5);
}

TEST(ModelDefaults, RefuseWhatTheyDoNotKnow) {
  const TemporaryFolder folder;
  const auto path = folder / "unclip.json";
  for (const auto* text :
       {R"({"prior_step": 10})", R"({"prior_steps": 0})", R"({"decoder_steps": 2.5})",
        R"({"super_res_steps": "7"})", R"({"prior_guidance": -1})", R"({"known_words": "a ball"})",
        R"({"known_words": [1]})", R"({"judge": "me"})", R"({"name": 3})", R"([])",
        R"({"name": )"}) {
    write_text(path, text);
    const auto message = error_of([&] { ModelDefaults::read(folder.path(), karlo()); });
    EXPECT_TRUE(message.starts_with(path.string() + ": ")) << text << ": " << message;
  }
}

}  // namespace
}  // namespace unclip
