#include "weights/model_defaults.h"

#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::TemporaryFolder;
using testing::write_text;

TEST(ModelDefaults, AreKarlosWithoutAFile) {
  const TemporaryFolder folder;
  const auto d = ModelDefaults::read(folder / "karlo/");
  EXPECT_EQ(d.name, "karlo");
  EXPECT_EQ(d.prior_steps, 25);
  EXPECT_EQ(d.decoder_steps, 25);
  EXPECT_EQ(d.super_res_steps, 7);
  EXPECT_EQ(d.prior_guidance, 4);
  EXPECT_EQ(d.decoder_guidance, 8);
  EXPECT_EQ(d.mix_guidance, 8);
  EXPECT_TRUE(d.known_words.empty());
}

TEST(ModelDefaults, NameASnapshotOfTheHubByItsRepository) {
  const TemporaryFolder folder;
  const std::string commit = "0123456789abcdef0123456789abcdef01234567";
  const auto name = [&](const std::string& path) {
    return ModelDefaults::read(folder / path).name;
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
  const auto d = ModelDefaults::read(folder.path());
  EXPECT_EQ(d.name, "toybox");
  EXPECT_EQ(d.prior_steps, 10);
  EXPECT_EQ(d.decoder_steps, 25);
  EXPECT_EQ(d.super_res_steps, 3);
  EXPECT_EQ(d.decoder_guidance, 2.5);
  EXPECT_EQ(d.mix_guidance, 2.5);
  EXPECT_EQ(d.known_words, (std::vector<std::string>{"a", "ball"}));
  write_text(folder / "unclip.json", R"({"decoder_guidance": 2.5, "mix_guidance": 1.5})");
  EXPECT_EQ(ModelDefaults::read(folder.path()).mix_guidance, 1.5);
}

TEST(ModelDefaults, RefuseWhatTheyDoNotKnow) {
  const TemporaryFolder folder;
  const auto path = folder / "unclip.json";
  for (const auto* text :
       {R"({"prior_step": 10})", R"({"prior_steps": 0})", R"({"decoder_steps": 2.5})",
        R"({"super_res_steps": "7"})", R"({"prior_guidance": -1})", R"({"known_words": "a ball"})",
        R"({"known_words": [1]})", R"({"name": 3})", R"([])", R"({"name": )"}) {
    write_text(path, text);
    const auto message = error_of([&] { ModelDefaults::read(folder.path()); });
    EXPECT_TRUE(message.starts_with(path.string() + ": ")) << text << ": " << message;
  }
}

}  // namespace
}  // namespace unclip
