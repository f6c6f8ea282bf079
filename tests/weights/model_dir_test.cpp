#include "weights/model_dir.h"

#include "tests/weights/model_files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::TemporaryFolder;
using testing::write_model;
using testing::write_part;
using testing::write_text;

namespace fs = std::filesystem;

TEST(ModelDir, FindsThePartsOfAModel) {
  const TemporaryFolder folder;
  const auto dir = folder / "karlo";
  write_model(dir);
  const auto model = ModelDir::open(dir);
  EXPECT_EQ(model.parts().size(), 10u);
  EXPECT_EQ(model.folder("decoder"), dir / "decoder");
  EXPECT_EQ(model.config("prior_scheduler").require<std::string>("_class_name"), "UnCLIPScheduler");
  EXPECT_EQ(model.weights("text_encoder").names().size(), 2u);
  EXPECT_EQ(model.defaults().name, "karlo");
  EXPECT_FALSE(model.has("image_encoder"));
  EXPECT_EQ(error_of([&] { model.folder("image_encoder"); }),
            dir.string() +
                ": has no part 'image_encoder'; `--part image_encoder=DIR` borrows it "
                "from another folder");
}

TEST(ModelDir, TakesEverySpellingOfTheTextProjection) {
  const TemporaryFolder folder;
  for (const auto* library :
       {"unclip", "diffusers", "diffusers.pipelines.deprecated.unclip.text_proj"}) {
    write_model(folder.path(), library);
    EXPECT_TRUE(ModelDir::open(folder.path()).has("text_proj")) << library;
  }
  write_model(folder.path(), "my_own");
  EXPECT_EQ(error_of([&] { ModelDir::open(folder.path()).folder("text_proj"); }),
            (folder / "model_index.json").string() +
                ": 'text_proj' is of the library my_own; one of unclip, diffusers, "
                "diffusers.pipelines.deprecated.unclip.text_proj is wanted");
}

TEST(ModelDir, TakesEverySamplerThatLeadsToASample) {
  const TemporaryFolder folder;
  write_model(folder.path());
  const auto index = testing::read_text(folder / "model_index.json");
  const auto with = [&](const std::string& class_name) {
    auto text = index;
    text.replace(text.find("UnCLIPScheduler"), 15, class_name);
    write_text(folder / "model_index.json", text);
    return ModelDir::open(folder.path());
  };
  EXPECT_TRUE(with("DDIMScheduler").has("prior_scheduler"));
  EXPECT_TRUE(with("DPMSolverMultistepScheduler").has("prior_scheduler"));
  EXPECT_TRUE(
      error_of([&] { with("DDIMInverseScheduler").folder("prior_scheduler"); })
          .starts_with((folder / "model_index.json").string() +
                       ": 'prior_scheduler' is a DDIMInverseScheduler; only UnCLIPScheduler "
                       "or DDPMScheduler or "));
}

TEST(ModelDir, TakesAPartThatTheIndexDoesNotList) {
  const TemporaryFolder folder;
  write_model(folder.path());
  write_part(folder / "image_encoder", "CLIPVisionModelWithProjection", "model");
  EXPECT_TRUE(ModelDir::open(folder.path()).has("image_encoder"));
}

TEST(ModelDir, FindsAllPartsOfTheShippedModel) {
  const auto model = ModelDir::open("weights/toybox");
  for (const auto& kind : part_kinds()) EXPECT_TRUE(model.has(kind.name)) << kind.name;
}

TEST(ModelDir, OneLineForWhatIsNoModel) {
  const TemporaryFolder folder;
  const auto message = [](const fs::path& dir) { return error_of([&] { ModelDir::open(dir); }); };
  EXPECT_EQ(message(folder / "no"),
            (folder / "no").string() + ": does not exist; a model folder is wanted");
  write_text(folder / "file", "");
  EXPECT_EQ(message(folder / "file"),
            (folder / "file").string() + ": is no folder; a model folder is wanted");
  EXPECT_EQ(message(folder.path()),
            folder.path().string() + ": has no model_index.json, so it is no model folder");

  const auto index = folder / "model_index.json";
  const std::vector<std::pair<std::string, std::string>> all = {
      {R"({})", "'_class_name' is missing; a string is wanted"},
      {R"({"_class_name": "StableDiffusionPipeline"})",
       "'_class_name' is \"StableDiffusionPipeline\"; \"UnCLIPPipeline\" or "
       "\"UnCLIPImageVariationPipeline\" is wanted"},
      {R"({"_class_name": "UnCLIPPipeline", "prior": "PriorTransformer"})",
       "'prior' is string; a list of two strings, library and class, is wanted"},
      {R"({"_class_name": "UnCLIPPipeline", "prior": ["diffusers"]})",
       "'prior' is array; a list of two strings, library and class, is wanted"},
      {R"({"_class_name": "UnCLIPPipeline", "vae": ["diffusers", "AutoencoderKL"]})",
       "lists a part 'vae'; the parts are tokenizer, text_encoder, feature_extractor, "
       "image_encoder, prior, text_proj, decoder, super_res_first, super_res_last, "
       "prior_scheduler, decoder_scheduler, super_res_scheduler"},
  };
  for (const auto& [text, expected] : all) {
    write_text(index, text);
    EXPECT_EQ(message(folder.path()), index.string() + ": " + expected);
  }
}

TEST(ModelDir, TroubleWithAPartIsToldWhenItIsWanted) {
  const TemporaryFolder folder;
  write_model(folder.path());
  fs::remove_all(folder / "prior");
  fs::remove(folder / "decoder" / "config.json");
  auto index = testing::read_text(folder / "model_index.json");
  index.replace(index.find("UNet2DModel"), 11, "VQModel");
  write_text(folder / "model_index.json", index);

  const auto model = ModelDir::open(folder.path());
  EXPECT_FALSE(model.has("prior"));
  EXPECT_EQ(error_of([&] { model.folder("prior"); }),
            (folder / "prior").string() +
                ": is no folder, though model_index.json lists it; "
                "`--part prior=DIR` borrows it from another folder");
  EXPECT_EQ(error_of([&] { model.folder("decoder"); }),
            (folder / "decoder").string() + ": has no config.json");
  EXPECT_EQ(error_of([&] { model.folder("super_res_first"); }),
            (folder / "model_index.json").string() +
                ": 'super_res_first' is a VQModel; only UNet2DModel is implemented");
}

TEST(ModelDir, BorrowsAPartFromAModelOrFromItsOwnFolder) {
  const TemporaryFolder folder;
  write_model(folder / "a");
  write_model(folder / "b");
  fs::remove_all(folder / "a" / "prior");
  write_part(folder / "c" / "image_encoder", "CLIPVisionModelWithProjection", "model");
  write_part(folder / "d", "UNet2DConditionModel", "diffusion_pytorch_model");

  const auto model = ModelDir::open(
      folder / "a",
      {{"prior", folder / "b"}, {"image_encoder", folder / "c"}, {"decoder", folder / "d"}});
  EXPECT_EQ(model.folder("prior"), folder / "b" / "prior");
  EXPECT_EQ(model.folder("image_encoder"), folder / "c" / "image_encoder");
  EXPECT_EQ(model.folder("decoder"), folder / "d");
  EXPECT_EQ(model.folder("text_encoder"), folder / "a" / "text_encoder");
}

TEST(ModelDir, TellsWhyAPartCannotBeBorrowed) {
  const TemporaryFolder folder;
  write_model(folder / "a");
  write_text(folder / "empty" / "notes.txt", "");
  write_part(folder / "unet", "UNet2DModel", "diffusion_pytorch_model");
  const auto message = [&](const std::string& part, const std::string& from) {
    return error_of([&] { ModelDir::open(folder / "a", {{part, folder / from}}).folder(part); });
  };
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  EXPECT_TRUE(message("priot", "a").starts_with("--part priot=" + path("a") + ": no such part"));
  EXPECT_EQ(message("prior", "no"), path("no") +
                                        ": is no folder, so 'prior' cannot be borrowed "
                                        "from it");
  EXPECT_EQ(message("prior", "empty"), path("empty") +
                                           ": has no config.json and no "
                                           "model_index.json, so 'prior' cannot be "
                                           "borrowed from it");
  EXPECT_EQ(message("image_encoder", "a"), path("a") + ": has no part 'image_encoder' to borrow");
  EXPECT_EQ(message("decoder", "unet"),
            path("unet") +
                ": 'decoder' is a UNet2DModel; only UNet2DConditionModel is "
                "implemented");
}

}  // namespace
}  // namespace unclip
