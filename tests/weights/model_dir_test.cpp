#include "weights/model_dir.h"
#include "families/registry.h"

#include "tests/support/error_matcher.h"
#include "tests/weights/model_files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::write_model;
using testing::write_part;
using testing::write_text;

namespace fs = std::filesystem;

TEST(ModelDir, FindsThePartsOfAModel) {
  const TemporaryFolder folder;
  const auto dir = folder / "karlo";
  write_model(dir);
  const auto model = open_model_dir(dir);
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
    EXPECT_TRUE(open_model_dir(folder.path()).has("text_proj")) << library;
  }
  write_model(folder.path(), "my_own");
  EXPECT_TRUE(mentions(error_of([&] { open_model_dir(folder.path()).folder("text_proj"); }),
                       {(folder / "model_index.json").string(), "'text_proj'", "expected", "unclip",
                        "diffusers.pipelines.deprecated.unclip.text_proj", "got my_own"}));
}

TEST(ModelDir, TakesEverySamplerThatLeadsToASample) {
  const TemporaryFolder folder;
  write_model(folder.path());
  const auto index = testing::read_text(folder / "model_index.json");
  const auto with = [&](const std::string& class_name) {
    auto text = index;
    text.replace(text.find("UnCLIPScheduler"), 15, class_name);
    write_text(folder / "model_index.json", text);
    return open_model_dir(folder.path());
  };
  EXPECT_TRUE(with("DDIMScheduler").has("prior_scheduler"));
  EXPECT_TRUE(with("DPMSolverMultistepScheduler").has("prior_scheduler"));
  EXPECT_TRUE(mentions(error_of([&] { with("DDIMInverseScheduler").folder("prior_scheduler"); }),
                       {(folder / "model_index.json").string(), "'prior_scheduler'",
                        "UnCLIPScheduler", "DDPMScheduler", "got DDIMInverseScheduler"}));
}

TEST(ModelDir, TakesAPartThatTheIndexDoesNotList) {
  const TemporaryFolder folder;
  write_model(folder.path());
  write_part(folder / "image_encoder", "CLIPVisionModelWithProjection", "model");
  EXPECT_TRUE(open_model_dir(folder.path()).has("image_encoder"));
}

TEST(ModelDir, FindsAllPartsOfTheShippedModel) {
  const auto model = open_model_dir("weights/toybox");
  for (const auto& kind : families().front()->layout.parts)
    EXPECT_TRUE(model.has(kind.name)) << kind.name;
}

TEST(ModelDir, OneLineForWhatIsNoModel) {
  const TemporaryFolder folder;
  const auto message = [](const fs::path& dir) { return error_of([&] { open_model_dir(dir); }); };
  EXPECT_EQ(message(folder / "no"),
            (folder / "no").string() + ": expected a model folder, found nothing");
  write_text(folder / "file", "");
  EXPECT_EQ(message(folder / "file"),
            (folder / "file").string() + ": expected a model folder, found a file");
  EXPECT_EQ(message(folder.path()),
            folder.path().string() + ": expected a model folder, found no model_index.json in it");

  const auto index = folder / "model_index.json";
  struct BadIndex {
    std::string text, expected, found;
  };
  const std::vector<BadIndex> all = {
      {R"({})", "'_class_name'", "string"},
      {R"({"_class_name": "StableDiffusionPipeline"})", "'_class_name'",
       "\"StableDiffusionPipeline\""},
      {R"({"_class_name": "UnCLIPPipeline", "prior": "PriorTransformer"})",
       "'prior': expected a list of two strings", "got string"},
      {R"({"_class_name": "UnCLIPPipeline", "prior": ["diffusers"]})",
       "'prior': expected a list of two strings", "got array"},
      {R"({"_class_name": "UnCLIPPipeline", "vae": ["diffusers", "AutoencoderKL"]})",
       "tokenizer, text_encoder, feature_extractor, image_encoder, prior, text_proj, decoder, "
       "super_res_first, super_res_last, prior_scheduler, decoder_scheduler, super_res_scheduler",
       "got 'vae'"},
  };
  for (const auto& [text, expected, found] : all) {
    write_text(index, text);
    EXPECT_TRUE(mentions(message(folder.path()), {index.string(), expected, found}));
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

  const auto model = open_model_dir(folder.path());
  EXPECT_FALSE(model.has("prior"));
  const auto message = [&](const char* part) { return error_of([&] { model.folder(part); }); };
  EXPECT_TRUE(mentions(message("prior"), {(folder / "prior").string(), "expected a folder",
                                          "model_index.json", "--part prior=DIR"}));
  EXPECT_TRUE(mentions(message("decoder"), {(folder / "decoder").string(), "config.json"}));
  EXPECT_TRUE(mentions(
      message("super_res_first"),
      {(folder / "model_index.json").string(), "'super_res_first'", "UNet2DModel", "got VQModel"}));
}

// Every file of every part may be a link of the hub's cache whose target is missing: none of them
// is passed over as if it were absent.
TEST(ModelDir, NamesTheMissingTargetOfEveryLink) {
  const TemporaryFolder folder;
  const auto snapshot = folder / "models--owner--name/snapshots/0123";
  const auto blob = (folder / "models--owner--name/blobs/gone").string();
  write_model(snapshot);
  write_part(snapshot / "image_encoder", "CLIPVisionModelWithProjection", "model");
  std::vector<std::pair<std::string, fs::path>> files;
  for (const auto& kind : families().front()->layout.parts) {
    for (const auto& config : kind.configs) files.emplace_back(kind.name, kind.name + "/" + config);
    if (!kind.weights.empty()) {
      files.emplace_back(kind.name, kind.name + "/" + kind.weights + ".safetensors");
    }
  }
  for (const auto& [part, file] : files) {
    const auto path = snapshot / file;
    const bool was_there = fs::exists(path);
    const auto aside = folder / "aside";
    if (was_there) fs::rename(path, aside);
    fs::create_directories(path.parent_path());
    fs::create_symlink("../../../blobs/gone", path);
    const auto model = open_model_dir(snapshot);
    const auto message = error_of([&, name = part] {
      model.folder(name);
      model.weights(name);
    });
    EXPECT_TRUE(
        mentions(message, {path.string(), "link", blob, "missing", "unclip pull owner/name"}));
    fs::remove(path);
    if (was_there) fs::rename(aside, path);
  }
  for (const auto* file : {"model_index.json", "unclip.json"}) {
    fs::remove(snapshot / file);
    fs::create_symlink("../../blobs/gone", snapshot / file);
    EXPECT_TRUE(mentions(error_of([&] { open_model_dir(snapshot); }),
                         {(snapshot / file).string(), "link", blob, "missing"}));
    fs::remove(snapshot / file);
    write_model(snapshot);
  }
}

TEST(ModelDir, BorrowsAPartFromAModelOrFromItsOwnFolder) {
  const TemporaryFolder folder;
  write_model(folder / "a");
  write_model(folder / "b");
  fs::remove_all(folder / "a" / "prior");
  write_part(folder / "c" / "image_encoder", "CLIPVisionModelWithProjection", "model");
  write_part(folder / "d", "UNet2DConditionModel", "diffusion_pytorch_model");

  const auto model = open_model_dir(
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
    return error_of([&] { open_model_dir(folder / "a", {{part, folder / from}}).folder(part); });
  };
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  EXPECT_TRUE(mentions(message("priot", "a"), {"--part priot=" + path("a"), "expected", "prior"}));
  EXPECT_TRUE(mentions(message("prior", "no"), {path("no"), "'prior'", "found nothing"}));
  EXPECT_TRUE(mentions(message("prior", "empty"),
                       {path("empty"), "config.json", "model_index.json", "'prior'", "neither"}));
  EXPECT_EQ(message("image_encoder", "a"), path("a") + ": has no part 'image_encoder' to borrow");
  EXPECT_TRUE(mentions(message("decoder", "unet"),
                       {path("unet"), "'decoder'", "UNet2DConditionModel", "got UNet2DModel"}));
}

}  // namespace
}  // namespace unclip
