#include "weights/model_info.h"
#include "families/registry.h"

#include <algorithm>

#include "tests/support/error_matcher.h"
#include "tests/weights/model_files.h"
#include "weights/model_dir.h"
#include "weights/sha256.h"

namespace unclip {
namespace {

using testing::mentions;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_model;
using testing::write_text;

namespace fs = std::filesystem;

PartInfo info_of(const fs::path& dir, const std::string& part) {
  const auto infos = part_infos(open_model_dir(dir));
  return *std::find_if(infos.begin(), infos.end(), [&](const auto& i) { return i.name == part; });
}

TEST(PartInfos, CountWhatAPartHolds) {
  const TemporaryFolder folder;
  write_model(folder.path());
  const auto info = info_of(folder.path(), "decoder");
  EXPECT_EQ(info.class_name, "UNet2DConditionModel");
  EXPECT_EQ(info.folder, folder / "decoder");
  EXPECT_EQ(info.parameters, 9);
  EXPECT_EQ(info.dtypes, (std::map<std::string, int64_t>{{"F32", 6}, {"F16", 3}}));
  ASSERT_EQ(info.files.size(), 2u);
  EXPECT_EQ(info.files[0].first, folder / "decoder" / "config.json");
  EXPECT_EQ(info.bytes,
            fs::file_size(folder / "decoder" / "config.json") + fs::file_size(info.files[1].first));
  EXPECT_EQ(info.need, "");
}

TEST(PartInfos, ListAllTwelvePartsAndWhatEachNeeds) {
  const TemporaryFolder folder;
  write_model(folder.path());
  fs::rename(folder / "prior" / "diffusion_pytorch_model.safetensors",
             folder / "prior" / "other.safetensors");
  fs::rename(folder / "text_proj" / "diffusion_pytorch_model.safetensors",
             folder / "text_proj" / "diffusion_pytorch_model.bin");
  write_text(folder / "decoder" / "diffusion_pytorch_model.safetensors", "cut");

  const auto infos = part_infos(open_model_dir(folder.path()));
  ASSERT_EQ(infos.size(), 12u);
  for (size_t i = 0; i < infos.size(); ++i)
    EXPECT_EQ(infos[i].name, families().front()->layout.parts[i].name);
  EXPECT_EQ(info_of(folder.path(), "image_encoder").need,
            "missing; `--part image_encoder=DIR` borrows it from another folder");
  EXPECT_TRUE(mentions(info_of(folder.path(), "prior").need,
                       {(folder / "prior").string(), "diffusion_pytorch_model.safetensors",
                        "diffusion_pytorch_model.bin", "only other.safetensors"}));
  EXPECT_EQ(info_of(folder.path(), "text_proj").need, "");
  EXPECT_NE(info_of(folder.path(), "decoder").need.find("too few for a safetensors file"),
            std::string::npos);
  EXPECT_EQ(info_of(folder.path(), "text_encoder").need, "");
  EXPECT_EQ(info_of(folder.path(), "prior_scheduler").need, "");
}

TEST(ModelHash, IsTheSameForTheSameFilesAnywhere) {
  const TemporaryFolder folder;
  write_model(folder / "a");
  write_model(folder / "b", "diffusers");  // the index's spelling paints no other picture
  const auto a = model_hash(open_model_dir(folder / "a"));
  EXPECT_EQ(a.size(), 64u);
  EXPECT_EQ(a, model_hash(open_model_dir(folder / "b")));
}

TEST(ModelHash, ChangesWithConfigsHeadersAndValues) {
  const TemporaryFolder folder;
  const auto dir = folder.path();
  write_model(dir);
  std::vector<std::string> hashes = {model_hash(open_model_dir(dir))};
  const auto changed = [&] {
    hashes.push_back(model_hash(open_model_dir(dir)));
    return std::count(hashes.begin(), hashes.end(), hashes.back()) == 1;
  };
  write_text(folder / "decoder" / "config.json", R"({"a": 1})");
  EXPECT_TRUE(changed());
  write_text(folder / "tokenizer" / "vocab.json", R"({"a": 0})");
  EXPECT_TRUE(changed());
  const auto weights = folder / "prior" / "diffusion_pytorch_model.safetensors";
  write_safetensors(weights, {{"weight", at::ones({2, 3})}, {"bias", at::zeros({3}, at::kHalf)}});
  EXPECT_TRUE(changed());
  write_safetensors(weights, {{"weight", at::ones({2, 3})}, {"bias", at::ones({3}, at::kHalf)}});
  EXPECT_TRUE(changed());
  fs::remove_all(folder / "prior_scheduler");
  EXPECT_TRUE(changed());
}

TEST(WeightsHash, IsOfOnePartsWeightsAlone) {
  const TemporaryFolder folder;
  write_model(folder.path());
  const auto hash = [&] { return weights_hash(open_model_dir(folder.path()), "prior"); };
  const auto before = hash();
  EXPECT_EQ(before.size(), 64u);
  write_text(folder / "decoder" / "config.json", R"({"a": 1})");
  EXPECT_EQ(hash(), before);
  write_safetensors(folder / "prior" / "diffusion_pytorch_model.safetensors",
                    {{"weight", at::ones({2, 3})}});
  EXPECT_NE(hash(), before);
  EXPECT_EQ(weights_hash(open_model_dir(folder.path()), "image_encoder"), "");
}

TEST(ModelHash, LeavesOutWeightsThatCannotBeOpened) {
  const TemporaryFolder folder;
  write_model(folder.path());
  const auto hash = [&] { return model_hash(open_model_dir(folder.path())); };
  fs::remove(folder / "prior/diffusion_pytorch_model.safetensors");
  const auto without = hash();
  write_text(folder / "prior/diffusion_pytorch_model.safetensors", "cut");
  EXPECT_EQ(hash(), without);
}

// The order and the framing that the header promises, spelt out for a model of one part.
TEST(ModelHash, IsMadeAsDocumented) {
  const TemporaryFolder folder;
  write_text(folder / "model_index.json", R"({"_class_name": "UnCLIPPipeline"})");
  const std::string config = R"({"_class_name": "PriorTransformer"})";
  write_text(folder / "prior" / "config.json", config);
  const auto values = at::arange(100'000, at::kFloat);
  const auto path = folder / "prior" / "diffusion_pytorch_model.safetensors";
  write_safetensors(path, {{"x", values}});

  const auto file = read_text(path);
  const auto header = file.size() - values.nbytes();
  std::string message;
  const auto add = [&](const std::string& name, const std::string& bytes) {
    const uint64_t size = bytes.size();
    message += name + '\0' + std::string(reinterpret_cast<const char*>(&size), 8) + bytes;
  };
  add("prior/config.json", config);
  add("prior/diffusion_pytorch_model.safetensors",
      file.substr(0, header + 65536) + file.substr(file.size() - 65536));
  Sha256 hash;
  hash.update(message.data(), message.size());
  EXPECT_EQ(model_hash(open_model_dir(folder.path())), hash.hex());
}

}  // namespace
}  // namespace unclip
