#include <ATen/ATen.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>

#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

using nlohmann::json;
using testing::error_of;
using testing::mentions;
using testing::ModelFolder;
using testing::read_text;
using testing::run_with;
using testing::TemporaryFolder;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

namespace fs = std::filesystem;

/// What info prints, also if it then fails.
struct Info {
  std::string out, error;

  explicit Info(Words arguments) {
    arguments.insert(arguments.begin(), "info");
    std::istringstream in;
    std::ostringstream stream, err;
    error = error_of([&] { cli::run(arguments, {in, stream, err, 0}); });
    out = stream.str();
  }
  json parsed() const { return json::parse(out); }
};

/// Whether a text of several lines holds the parts in this order.
bool shows(const std::string& text, const Words& parts) {
  size_t place = 0;
  for (const auto& part : parts) {
    place = text.find(part, place);
    if (place == text.npos) return false;
    place += part.size();
  }
  return true;
}

TEST(Info, ShowsEveryPart) {
  const ModelFolder folder;
  const Info report({folder / "model"});
  EXPECT_EQ(report.error, "");
  for (const auto* text : {"tiny", "decoder", "UNet2DConditionModel", "F32", "yes"}) {
    EXPECT_NE(report.out.find(text), std::string::npos) << text;
  }
  fs::remove_all(folder / "model/prior");
  const auto whole = Info({folder / "model", "--json"}).parsed();
  EXPECT_EQ(whole["name"], "tiny");
  EXPECT_EQ(whole["decoder_guidance"], 2);
  EXPECT_EQ(whole["device"], "cpu");
  EXPECT_EQ(whole["cuda_plug_in"], false);
  for (const auto& part : whole["parts"]) {
    const bool there = part["name"] != "prior";
    EXPECT_EQ(part["can_run"], there) << part;
    EXPECT_EQ(part["need"] == "", there) << part;
    if (part["name"] != "decoder") continue;
    EXPECT_GT(part["parameters"], 1000);
    EXPECT_EQ(part["memory_bytes"], 4 * part["parameters"].get<int64_t>());
    EXPECT_EQ(part["dtypes"]["F32"], part["parameters"]);
    EXPECT_EQ(part["format"], "safetensors");
    EXPECT_EQ(part["memory_bytes_by_type"]["float32"], part["memory_bytes"]);
    EXPECT_EQ(part["memory_bytes_by_type"]["float16"], 2 * part["parameters"].get<int64_t>());
  }
}

TEST(Info, NamesTheFormatOfEachPart) {
  const ModelFolder folder;
  const auto prior = folder / "model/prior";
  // A file of PyTorch under the usual name; its tensors are another network's.
  fs::copy_file("tests/golden/torch/types.pt", prior / "diffusion_pytorch_model.bin");
  fs::remove(prior / "diffusion_pytorch_model.safetensors");
  const Info report({folder / "model"});
  EXPECT_TRUE(shows(report.out,
                    {"format", "text_encoder", "safetensors", "prior", "PyTorch", "no:", "decoder",
                     "safetensors", "of memory in float32", "in bfloat16 or float16"}));
}

TEST(Info, ShowsWhatAModelCanDoAndItsSizes) {
  const ModelFolder folder;
  const auto whole = Info({folder / "model", "--json"}).parsed();
  EXPECT_EQ(whole["can_run"], true);
  EXPECT_EQ(whole["need"], "");
  EXPECT_EQ(whole["width"], 32);
  EXPECT_EQ(whole["height"], 32);
  EXPECT_EQ(whole["decoder_width"], 16);
  std::vector<std::string> tasks;
  for (const auto& task : whole["tasks"]) {
    EXPECT_EQ(task["can_run"], true) << task;
    tasks.push_back(task["name"]);
  }
  EXPECT_EQ(tasks, (Words{"paint", "vary", "invert", "encode_text", "encode_image"}));
  EXPECT_TRUE(shows(Info({folder / "model"}).out,
                    {"paints images from prompts", "yes", "32x32 pixels from 16x16",
                     "paints variations of images", "yes", "inverts images", "yes"}));
}

TEST(Info, FailsForAModelThatCannotDoWhatItIsPublishedFor) {
  const ModelFolder folder;
  const auto model = folder / "model";
  const auto index = read_text(model / "model_index.json");
  fs::remove_all(model / "image_encoder");
  EXPECT_EQ(Info({model}).error, "");  // it still paints from prompts
  EXPECT_EQ(Info({model, "--json"}).parsed()["tasks"][1]["can_run"], false);

  const ModelFolder variations;
  const auto varies = variations / "model";
  fs::remove_all(varies / "prior");
  EXPECT_TRUE(mentions(Info({varies}).error, {"tiny cannot run", "prior"}));
  auto changed = json::parse(index);
  changed["_class_name"] = "UnCLIPImageVariationPipeline";
  changed.erase("prior");
  write_text(varies / "model_index.json", changed.dump());
  const Info report({varies, "--json"});
  EXPECT_EQ(report.error, "");
  EXPECT_EQ(report.parsed()["tasks"][0]["can_run"], false);
  EXPECT_EQ(report.parsed()["tasks"][1]["can_run"], true);
}

TEST(Info, ShowsTheMemoryInTheDtypeAskedFor) {
  const ModelFolder folder;
  const auto memory = [&](const std::string& dtype) {
    return Info({folder / "model", "--json", "--dtype", dtype})
        .parsed()["memory_bytes"]
        .get<int64_t>();
  };
  EXPECT_EQ(memory("float32"), 2 * memory("bfloat16"));
}

TEST(Info, WritesItsReportToAFile) {
  const ModelFolder folder;
  const auto report = Info({folder / "model"}).out;
  const auto path = (folder / "report.txt").string();
  EXPECT_EQ(run_with({"info", "-m", folder / "model", "-o", path}).out, path + "\n");
  EXPECT_EQ(read_text(path), report);
}

// --- Info and painting agree about every folder
// ----------------------------------------------------

using Edit = std::function<void(const fs::path& model)>;

/// Sets keys of a part's config; null erases.
Edit set(const std::string& file, const json& values) {
  return [=](const fs::path& model) {
    auto config = json::parse(read_text(model / file));
    config.update(values);
    for (const auto& [key, value] : values.items()) {
      if (value.is_null()) config.erase(key);
    }
    write_text(model / file, config.dump());
  };
}
Edit config(const std::string& part, const json& values) {
  return set(part + "/config.json", values);
}
Edit schedule(const std::string& stage, const json& values) {
  return set(stage + "_scheduler/scheduler_config.json", values);
}
Edit put(const std::string& file, const std::string& text) {
  return [=](const fs::path& model) { write_text(model / file, text); };
}
Edit drop(const std::string& file) {
  return [=](const fs::path& model) { fs::remove_all(model / file); };
}
Edit unlink_target(const std::string& file) {
  return [=](const fs::path& model) {
    fs::remove(model / file);
    fs::create_symlink("../../blobs/gone", model / file);
  };
}

std::string weights_of(const std::string& part) {
  const bool clip = part.ends_with("_encoder");
  return part + (clip ? "/model" : "/diffusion_pytorch_model") + ".safetensors";
}

/// Rewrites the tensors of a part's weights.
Edit tensors(const std::string& part,
             const std::function<void(std::map<std::string, at::Tensor>&)>& change) {
  return [=](const fs::path& model) {
    std::map<std::string, at::Tensor> all;
    {
      const auto checkpoint = Checkpoint::open(model / weights_of(part));
      for (const auto& name : checkpoint.names()) all[name] = checkpoint.tensor(name).clone();
    }
    change(all);
    write_safetensors(model / weights_of(part), all);
  };
}
Edit tensor(const std::string& part, const std::string& name,
            const std::function<at::Tensor(const at::Tensor&)>& change) {
  return tensors(part, [=](auto& all) { all[name] = change(all.at(name)); });
}

struct Alteration {
  const char* name;
  bool paints, varies;  // afterwards
  Edit edit;

  friend std::ostream& operator<<(std::ostream& out, const Alteration& a) { return out << a.name; }
};

class AlteredModel : public ::testing::TestWithParam<Alteration> {
 protected:
  static void SetUpTestSuite() { original_ = std::make_unique<VerbFolder>(); }
  static void TearDownTestSuite() { original_.reset(); }
  static std::unique_ptr<VerbFolder> original_;
};
std::unique_ptr<VerbFolder> AlteredModel::original_;

TEST_P(AlteredModel, IsJudgedAlikeByInfoAndByPainting) {
  const TemporaryFolder folder;
  const auto model = folder / "model";
  fs::copy(*original_ / "model", model, fs::copy_options::recursive);
  GetParam().edit(model);
  const auto picture = original_->picture("red.png", 1);
  const auto run = [&](const Words& words) { return error_of([&] { run_with(words); }); };
  const auto painting = run({"a fox", "-m", model, "-s", "1", "-q", "-o", folder / "a.png"});
  const auto varying = run({"vary", picture, "-m", model, "-s", "1", "-q", "-o", folder / "b.png"});

  const Info info({model, "--json"});
  std::string paint = info.error, vary = info.error;  // if the folder does not even open
  if (!info.out.empty()) {
    const auto report = info.parsed();
    paint = report["tasks"][0]["need"];
    vary = report["tasks"][1]["need"];
    EXPECT_EQ(report["can_run"], GetParam().paints);
    EXPECT_EQ(info.error, paint.empty() ? "" : "tiny cannot run: " + paint);
  }
  EXPECT_EQ(paint, painting);
  EXPECT_EQ(vary, varying);
  EXPECT_EQ(painting.empty(), GetParam().paints) << painting;
  EXPECT_EQ(varying.empty(), GetParam().varies) << varying;
  EXPECT_EQ(fs::exists(folder / "a.png"), GetParam().paints);
}

INSTANTIATE_TEST_SUITE_P(
    , AlteredModel,
    ::testing::Values(
        // What changes nothing.
        Alteration{"Untouched", true, true, [](const auto&) {}},
        Alteration{"OtherKeys", true, true, config("decoder", {{"_name_or_path", "x"}})},
        Alteration{"PositionIds", true, true,
                   tensors("text_encoder",
                           [](auto& all) {
                             all["text_model.embeddings.position_ids"] = at::arange(16).view({1, 16});
                           })},
        Alteration{"Half", true, true,
                   tensor("decoder", "conv_in.weight",
                          [](const auto& x) { return x.to(at::kHalf); })},
        Alteration{"ExtraSpecialTokens", true, true,
                   put("tokenizer/tokenizer_config.json", R"({"extra_special_tokens": {}})")},
        // The decoder's config.
        Alteration{"Activation", false, false, config("decoder", {{"act_fn", "gelu"}})},
        Alteration{"DownBlocks", false, false,
                   config("decoder", {{"down_block_types", {"DownBlock2D", "DownBlock2D"}}})},
        Alteration{"BlockCount", false, false,
                   config("decoder", {{"up_block_types", {"ResnetUpsampleBlock2D"}}})},
        Alteration{"OddWidths", false, false,
                   config("decoder", {{"block_out_channels", {15, 32}}})},
        Alteration{"OtherWidths", false, false,
                   config("decoder", {{"block_out_channels", {16, 64}}})},
        Alteration{"Context", false, false, config("decoder", {{"cross_attention_dim", 16}})},
        Alteration{"FourChannels", false, false, config("decoder", {{"in_channels", 4}})},
        Alteration{"NoVariance", false, false, config("decoder", {{"out_channels", 3}})},
        Alteration{"NoSize", false, false, config("decoder", {{"sample_size", 0}})},
        Alteration{"OddSize", false, false, config("decoder", {{"sample_size", 15}})},
        Alteration{"NoClassEmbedding", false, false,
                   config("decoder", {{"class_embed_type", nullptr}})},
        Alteration{"Groups", false, false, config("decoder", {{"norm_num_groups", 3}})},
        Alteration{"Heads", false, false, config("decoder", {{"attention_head_dim", 7}})},
        Alteration{"MoreLayers", false, false, config("decoder", {{"layers_per_block", 2}})},
        Alteration{"TimeWidth", false, false, config("decoder", {{"time_embedding_dim", 128}})},
        Alteration{"OnlyCross", false, false, config("decoder", {{"only_cross_attention", true}})},
        Alteration{"OtherClass", false, false, config("decoder", {{"_class_name", "UNet2DModel"}})},
        Alteration{"NoClass", true, true, config("decoder", {{"_class_name", nullptr}})},
        Alteration{"Text", false, false, config("decoder", {{"in_channels", "3"}})},
        Alteration{"NoJson", false, false, put("decoder/config.json", "{")},
        Alteration{"Huge", false, true,
                   config("prior", {{"num_attention_heads", 65536}, {"attention_head_dim", 65536}})},
        // The other networks' configs.
        Alteration{"PriorNorm", false, true, config("prior", {{"norm_in_type", "layer"}})},
        Alteration{"PriorLayers", false, true, config("prior", {{"num_layers", 3}})},
        Alteration{"PriorWidth", false, true, config("prior", {{"embedding_dim", 16}})},
        Alteration{"PriorTokens", false, true, config("prior", {{"num_embeddings", 15}})},
        Alteration{"PriorClip", false, true, config("prior", {{"clip_embed_dim", 16}})},
        Alteration{"Vocabulary", false, false, config("text_encoder", {{"vocab_size", 540}})},
        Alteration{"TextActivation", false, false, config("text_encoder", {{"hidden_act", "relu"}})},
        Alteration{"TextWidth", false, false, config("text_encoder", {{"projection_dim", 16}})},
        Alteration{"Positions", false, false,
                   config("text_encoder", {{"max_position_embeddings", 15}})},
        Alteration{"TextLayers", false, false, config("text_encoder", {{"num_hidden_layers", 1}})},
        Alteration{"ExtraTokens", false, false,
                   config("text_proj", {{"clip_extra_context_tokens", 0}})},
        Alteration{"NoTimeWidth", false, false, config("text_proj", {{"time_embed_dim", nullptr}})},
        Alteration{"SuperResChannels", false, false,
                   config("super_res_first", {{"in_channels", 3}})},
        Alteration{"SuperResAttention", false, false,
                   config("super_res_last", {{"add_attention", true}})},
        Alteration{"SuperResSize", false, false, config("super_res_last", {{"sample_size", 64}})},
        Alteration{"VisionPatch", true, false, config("image_encoder", {{"patch_size", 4}})},
        Alteration{"VisionWidth", true, false, config("image_encoder", {{"projection_dim", 16}})},
        Alteration{"NoCrop", true, false,
                   set("feature_extractor/preprocessor_config.json", {{"do_center_crop", false}})},
        Alteration{"CropSize", true, false,
                   set("feature_extractor/preprocessor_config.json", {{"crop_size", 16}})},
        // Schedulers.
        Alteration{"ScheduleNoJson", false, false,
                   put("decoder_scheduler/scheduler_config.json", "{")},
        Alteration{"ScheduleName", false, false,
                   schedule("super_res", {{"beta_schedule", "steep"}})},
        Alteration{"Prediction", false, true, schedule("prior", {{"prediction_type", "x"}})},
        Alteration{"PriorVariance", false, true,
                   schedule("prior", {{"variance_type", "learned_range"}})},
        Alteration{"SuperResVariance", false, false,
                   schedule("super_res", {{"variance_type", "learned_range"}})},
        Alteration{"OneTimestep", false, true, schedule("prior", {{"num_train_timesteps", 1}})},
        Alteration{"ScheduleClass", false, false,
                   schedule("decoder", {{"_class_name", "DDIMInverseScheduler"}})},
        Alteration{"NoScheduleClass", false, false, schedule("decoder", {{"_class_name", nullptr}})},
        Alteration{"NoSchedule", false, false, drop("super_res_scheduler")},
        // The tokenizer.
        Alteration{"NoMerges", false, false, drop("tokenizer/merges.txt")},
        Alteration{"NoVocabulary", false, false, put("tokenizer/vocab.json", "[]")},
        Alteration{"PaddingSide", false, false,
                   put("tokenizer/tokenizer_config.json", R"({"padding_side": "left"})")},
        Alteration{"NoTokenizer", false, false, drop("tokenizer")},
        Alteration{"MoreTokens", false, false,
                   put("tokenizer/added_tokens.json", R"({"<new>": 541})")},
        // Weights.
        Alteration{"NoWeights", false, true, drop(weights_of("prior"))},
        Alteration{"NoVision", true, false, drop("image_encoder")},
        Alteration{"NoVisionWeights", true, false, drop(weights_of("image_encoder"))},
        Alteration{"CutShort", false, false,
                   [](const auto& model) {
                     const auto file = model / weights_of("super_res_last");
                     fs::resize_file(file, fs::file_size(file) - 1);
                   }},
        Alteration{"UnderAPicklesName", true, true,
                   [](const auto& model) {
                     fs::rename(model / weights_of("text_proj"),
                                model / "text_proj/diffusion_pytorch_model.bin");
                   }},
        Alteration{"AnotherNetworksPickle", false, false,
                   [](const auto& model) {
                     fs::remove(model / weights_of("text_proj"));
                     fs::copy_file("tests/golden/torch/types.pt",
                                   model / "text_proj/diffusion_pytorch_model.bin");
                   }},
        Alteration{"CutPickle", false, false,
                   [](const auto& model) {
                     const auto file = model / "text_proj/diffusion_pytorch_model.bin";
                     fs::remove(model / weights_of("text_proj"));
                     fs::copy_file("tests/golden/torch/types.pt", file);
                     fs::resize_file(file, fs::file_size(file) - 1);
                   }},
        Alteration{"MissingTensor", false, true,
                   tensors("prior", [](auto& all) { all.erase("clip_mean"); })},
        Alteration{"UnusedTensor", false, false,
                   tensors("decoder", [](auto& all) { all["x"] = at::ones({1}); })},
        Alteration{"Shape", false, false,
                   tensor("super_res_first", "conv_in.weight",
                          [](const auto& x) { return x.narrow(1, 0, 5).contiguous(); })},
        Alteration{"Integers", false, false,
                   tensor("text_encoder", "text_projection.weight",
                          [](const auto& x) { return x.to(at::kInt); })},
        // Links of the hub's cache.
        Alteration{"ConfigLink", false, false, unlink_target("decoder/config.json")},
        Alteration{"WeightsLink", false, false, unlink_target(weights_of("decoder"))},
        Alteration{"TokensLink", false, false,
                   unlink_target("tokenizer/special_tokens_map.json")},
        Alteration{"OptionalLink", false, false, unlink_target("tokenizer/added_tokens.json")},
        Alteration{"IndexLink", false, false, unlink_target("model_index.json")},
        Alteration{"SettingsLink", false, false, unlink_target("unclip.json")},
        // The index and the settings.
        Alteration{"IndexClass", false, false,
                   set("model_index.json", {{"decoder", {"diffusers", "AutoencoderKL"}}})},
        Alteration{"IndexLibrary", false, true,
                   set("model_index.json", {{"prior", {"mine", "PriorTransformer"}}})},
        Alteration{"IndexPipeline", false, false,
                   set("model_index.json", {{"_class_name", "KandinskyPipeline"}})},
        Alteration{"IndexPart", false, false,
                   set("model_index.json", {{"vae", {"diffusers", "AutoencoderKL"}}})},
        Alteration{"UnknownSetting", false, false, set("unclip.json", {{"prior_step", 2}})},
        Alteration{"TooManySteps", false, false, set("unclip.json", {{"decoder_steps", 1001}})},
        Alteration{"NegativeGuidance", false, false, set("unclip.json", {{"mix_guidance", -1}})}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace unclip::cli
