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
