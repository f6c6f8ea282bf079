#include "weights/convert.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <set>

#include "families/registry.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"
#include "tests/support/error_matcher.h"
#include "tests/support/original_karlo.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::mentions;
using testing::read_text;
using testing::run_with;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

struct ConvertFolder : VerbFolder {
  /// What `convert` prints.
  std::string convert_to(const std::string& to, const Words& more = {},
                         const std::string& from = "model") const {
    Words words = {"convert", name(from), name(to), "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words).out;
  }
  at::Tensor image_of(const std::string& model, const std::string& dtype = "float32") const {
    run_with({"generate", "a red fox", "-m", name(model), "-q", "-s", "5", "--dtype", dtype,
              "--overwrite", "-o", name("x.png"), "--save-tensors", name("x.safetensors")});
    return Checkpoint::open(name("x.safetensors")).tensor("image").clone();
  }
  /// The names in the folder itself, hidden ones too.
  std::set<std::string> listing() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path())) names.insert(entry.path().filename());
    return names;
  }
};

TEST(Convert, WritesAFolderThatMakesTheSameImage) {
  const ConvertFolder folder;
  EXPECT_EQ(folder.convert_to("copy"), folder.name("copy") + "\n");
  EXPECT_EQ(folder.listing(), (std::set<std::string>{"copy", "model"}));
  EXPECT_TRUE(at::equal(folder.image_of("copy"), folder.image_of("model")));
  EXPECT_EQ(read_text(folder / "copy/unclip.json"), read_text(folder / "model/unclip.json"));
  const auto index = nlohmann::json::parse(read_text(folder / "copy/model_index.json"));
  EXPECT_EQ(index["_class_name"], "UnCLIPPipeline");
  EXPECT_EQ(index["decoder"], (std::vector<std::string>{"diffusers", "UNet2DConditionModel"}));
  // transformers refuses files without this.
  const auto checkpoint = Checkpoint::open(folder / "copy/text_encoder");
  EXPECT_EQ(checkpoint.metadata().at("format"), "pt");
}

TEST(Convert, ReadsTheAuthorsFiles) {
  const ConvertFolder folder;
  testing::OriginalKarlo(folder / "model", folder / "original");
  for (const auto& part : fs::directory_iterator(folder / "model")) {
    if (!part.is_directory()) continue;
    for (const auto& file : fs::directory_iterator(part)) {
      if (file.path().extension() == ".safetensors") continue;
      write_text(folder / "original" / part.path().filename() / file.path().filename(),
                 read_text(file.path()));
    }
  }
  write_text(folder / "original/unclip.json", read_text(folder / "model/unclip.json"));
  folder.convert_to("hub", {}, "original");
  const auto hub = open_model_dir(folder / "hub");
  EXPECT_EQ(hub.class_name(), "UnCLIPPipeline");
  EXPECT_TRUE(at::equal(folder.image_of("hub"), folder.image_of("model")));
  for (const auto& part : hub.parts()) {
    if (part.spec->weights.empty()) continue;
    const auto written = part.weights(),
               source = Checkpoint::open(folder / "model" / part.spec->key(), part.spec->weights);
    for (const auto& name : source.names())
      EXPECT_TRUE(at::equal(written.tensor(name), source.tensor(name))) << name;
  }
}

TEST(Convert, ChangesTheType) {
  const ConvertFolder folder;
  folder.convert_to("half", {"--dtype", "bfloat16"});
  const auto written = Checkpoint::open(folder / "half/decoder", "diffusion_pytorch_model");
  const auto source = Checkpoint::open(folder / "model/decoder", "diffusion_pytorch_model");
  for (const auto& name : source.names()) {
    EXPECT_TRUE(at::equal(written.tensor(name), source.tensor(name).to(at::kBFloat16))) << name;
  }
  EXPECT_TRUE(at::equal(folder.image_of("half", "bfloat16"), folder.image_of("model", "bfloat16")));
}

TEST(Convert, SplitsPartsIntoShards) {
  const ConvertFolder folder;
  folder.convert_to("shards", {"--shard-size", "0.1MB"});
  const auto checkpoint = Checkpoint::open(folder / "shards/decoder", "diffusion_pytorch_model");
  EXPECT_GT(checkpoint.files().size(), 1u);
  const auto index = nlohmann::json::parse(
      read_text(folder / "shards/decoder/diffusion_pytorch_model.safetensors.index.json"));
  EXPECT_EQ(index["weight_map"].size(), checkpoint.names().size());
  uint64_t bytes = 0;
  for (const auto& file : checkpoint.opened()) {
    bytes += file->tensor_bytes().size();
    EXPECT_TRUE(file->tensor_bytes().size() <= 100'000 || file->entries().size() == 1);
  }
  EXPECT_EQ(index["metadata"]["total_size"], bytes);
  EXPECT_TRUE(at::equal(folder.image_of("shards"), folder.image_of("model")));
}

TEST(Convert, ReplacesOnlyAModelFolderAndOnlyIfAsked) {
  const ConvertFolder folder;
  folder.convert_to("copy");
  EXPECT_TRUE(mentions(error_of([&] { folder.convert_to("copy"); }),
                       {folder.name("copy"), "free", "existing"}));
  write_text(folder / "copy/old", "");
  folder.convert_to("copy", {"--overwrite"});
  EXPECT_FALSE(fs::exists(folder / "copy/old"));
  write_text(folder / "other/file", "");
  EXPECT_TRUE(mentions(error_of([&] { folder.convert_to("other", {"--overwrite"}); }),
                       {folder.name("other"), "expected a model folder"}));
  EXPECT_TRUE(mentions(error_of([&] { folder.convert_to("model", {"--overwrite"}); }),
                       {folder.name("model"), "holds the model that is converted"}));
  EXPECT_EQ(read_text(folder / "other/file"), "");
  EXPECT_EQ(folder.listing(), (std::set<std::string>{"copy", "model", "other"}));
}

TEST(Convert, LeavesNothingBehindIfItFails) {
  const ConvertFolder folder;
  const auto part = folder / "model/super_res_last";
  auto tensors = std::map<std::string, at::Tensor>();
  {
    const auto checkpoint = Checkpoint::open(part, "diffusion_pytorch_model");
    for (const auto& name : checkpoint.names()) tensors[name] = checkpoint.tensor(name).clone();
  }
  tensors["conv_out.bias"].fill_(1e6);  // no float16
  write_safetensors(part / "diffusion_pytorch_model.safetensors", tensors);
  EXPECT_TRUE(mentions(error_of([&] {
                         folder.convert_to("half", {"--dtype", "float16"});
                       }),
                       {"super_res_last", "conv_out.bias", "F16 ends at 65504"}));
  fs::remove(part / "config.json");
  EXPECT_TRUE(
      mentions(error_of([&] { folder.convert_to("none/copy"); }), {"none/copy", "no folder"}));
  EXPECT_EQ(folder.listing(), (std::set<std::string>{"model"}));
}

TEST(Convert, NeedsTwoWordsAndASize) {
  const auto error = [](const Words& words) {
    return testing::usage_error([&] { run_with(words); });
  };
  EXPECT_TRUE(mentions(error({"convert", "x"}), {"convert", "a model and a folder", "1 words"}));
  for (const std::string size : {"2", "GB", "-1GB", "nanGB", "1kB", "1e99GB"}) {
    EXPECT_TRUE(mentions(error({"convert", "x", "y", "--shard-size", size}),
                         {"--shard-size", "2GB", "'" + size + "'"}));
  }
}

}  // namespace
}  // namespace unclip::cli
