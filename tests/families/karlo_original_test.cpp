#include "families/karlo/original.h"

#include <ATen/ATen.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "families/karlo/original_configs.h"
#include "families/registry.h"
#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"
#include "tests/support/original_karlo.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::mentions;
using testing::OriginalKarlo;
using testing::read_text;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

/// Lines of "name [sizes]".
std::set<std::string> key_lines(const fs::path& file) {
  std::set<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

/// A safetensors file with the listed tensors, of bytes, none of which are written.
void write_hollow(const fs::path& path, const std::set<std::string>& lines) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  uint64_t end = 0;
  for (const auto& line : lines) {
    const auto space = line.find(' ');
    const auto shape = nlohmann::json::parse(line.substr(space + 1)).get<std::vector<int64_t>>();
    uint64_t size = 1;
    for (const auto each : shape) size *= static_cast<uint64_t>(each);
    header[line.substr(0, space)] = {
        {"dtype", "U8"}, {"shape", shape}, {"data_offsets", {end, end + size}}};
    end += size;
  }
  const auto text = header.dump();
  write_text(path, testing::safetensors_bytes(text, ""));
  fs::resize_file(path, 8 + text.size() + end);
}

TEST(OriginalKarloFiles, HaveTheTensorsOfThePublishedParts) {
  const testing::TemporaryFolder folder;
  for (const auto* name : {"karlo_decoder", "karlo_improved_sr", "karlo_prior", "clip_vit_l_14"}) {
    const auto keys = key_lines(std::string("tests/golden/karlo/original/") + name + ".keys.txt");
    ASSERT_GT(keys.size(), 100u);
    write_hollow(folder / (std::string(name) + ".ckpt"), keys);
  }
  write_hollow(folder / "statistics.th", {"0 [768]", "1 [768]"});
  const auto model = open_model_dir(folder.path());
  EXPECT_EQ(model.class_name(), "UnCLIPPipeline");
  for (const auto* part : {"text_encoder", "image_encoder", "prior", "text_proj", "decoder",
                           "super_res_first", "super_res_last"}) {
    const auto weights = model.weights(part);
    std::set<std::string> found;
    for (const auto& name : weights.names()) {
      found.insert(name + " " + shown(weights.entry(name).shape));
    }
    EXPECT_EQ(found, key_lines(std::string("tests/golden/karlo/") + part + ".keys.txt")) << part;
  }
}

/// A tiny model in the hubs' form in model/, and as its authors would publish it in original/, with
/// the configs and the tokenizer, which their files lack.
struct OriginalFolder : VerbFolder {
  OriginalFolder() {
    OriginalKarlo(*this / "model", *this / "original");
    for (const auto& entry : fs::recursive_directory_iterator(*this / "model")) {
      const auto inside = fs::relative(entry.path(), *this / "model");
      if (entry.is_directory() || entry.path().extension() == ".safetensors") continue;
      if (inside == "model_index.json") continue;
      write_text(original() / inside, read_text(entry.path()));
    }
  }
  fs::path original() const { return *this / "original"; }

  at::Tensor image_of(const std::string& model, const Words& more = {}) const {
    Words words = {"generate",
                   "a red fox",
                   "-m",
                   name(model),
                   "-q",
                   "-s",
                   "5",
                   "--overwrite",
                   "-o",
                   name("x.png"),
                   "--save-tensors",
                   name("x.safetensors")};
    words.insert(words.end(), more.begin(), more.end());
    testing::run_with(words);
    return Checkpoint::open(name("x.safetensors")).tensor("image").clone();
  }
};

// CLIP's fused projections are three tensors one after another, those of other parts alternate.
TEST(OriginalKarloFiles, AreViewedWhereTheirRowsFollowEachOther) {
  const OriginalFolder folder;
  const auto model = open_model_dir(folder.original());
  const auto clip = model.weights("text_encoder"), prior = model.weights("prior");
  const std::string layer = "text_model.encoder.layers.0.self_attn.";
  EXPECT_FALSE(clip.entry(layer + "k_proj.weight").layout);
  EXPECT_EQ(clip.entry(layer + "q_proj.weight").end, clip.entry(layer + "k_proj.weight").begin);
  EXPECT_TRUE(prior.entry("transformer_blocks.0.attn1.to_k.weight").layout);
  EXPECT_TRUE(clip.entry("text_projection.weight").layout);
}

TEST(OriginalKarloFiles, HaveThePublishedConfigs) {
  for (const auto* part :
       {"text_encoder", "image_encoder", "prior", "text_proj", "decoder", "super_res_first",
        "super_res_last", "prior_scheduler", "decoder_scheduler", "super_res_scheduler"}) {
    auto published = nlohmann::json::parse(
        read_text(std::string("tests/golden/karlo/") + part + ".config.json"));
    for (auto it = published.begin(); it != published.end();) {
      it = it->is_null() ? published.erase(it) : std::next(it);
    }
    EXPECT_EQ(nlohmann::json::parse(karlo::original_config(part)), published) << part;
  }
  EXPECT_EQ(karlo::original_config("tokenizer"), "");
}

TEST(OriginalKarloFiles, MakeTheSameImage) {
  const OriginalFolder folder;
  EXPECT_TRUE(at::equal(folder.image_of("original"), folder.image_of("model")));
  folder.picture("a.png", 0.7);
  const auto variation = [&](const std::string& model) {
    testing::run_with({"vary", folder.name("a.png"), "-m", folder.name(model), "-q", "-s", "5",
                       "--overwrite", "-o", folder.name("x.png"), "--save-tensors",
                       folder.name("x.safetensors")});
    return Checkpoint::open(folder.name("x.safetensors")).tensor("image").clone();
  };
  EXPECT_TRUE(at::equal(variation("original"), variation("model")));
}

TEST(OriginalKarloFiles, BorrowTheTokenizer) {
  const OriginalFolder folder;
  fs::remove_all(folder.original() / "tokenizer");
  EXPECT_TRUE(mentions(error_of([&] { folder.image_of("original"); }),
                       {"original", "no part 'tokenizer'", "--part tokenizer=DIR"}));
  EXPECT_TRUE(
      at::equal(folder.image_of("original", {"--part", "tokenizer=" + folder.name("model")}),
                folder.image_of("model")));
}

TEST(OriginalKarloFiles, OfOnePartStandOnce) {
  const OriginalFolder folder;
  fs::copy_file(folder.original() / "ViT-L-14.pt", folder.original() / "again.pt");
  EXPECT_TRUE(mentions(error_of([&] { open_model_dir(folder.original()); }),
                       {"one file of each kind", "ViT-L-14.pt", "again.pt"}));
}

TEST(OriginalKarloFiles, ThatAreCutShortAreNamed) {
  const OriginalFolder folder;
  const auto file = folder.original() / "improved-sr-ckpt-step=1.2M.ckpt";
  fs::resize_file(file, fs::file_size(file) - 1);
  EXPECT_TRUE(mentions(error_of([&] { open_model_dir(folder.original()); }),
                       {"improved-sr", "no end record"}));
}

TEST(OriginalKarloFiles, OfAnotherShapeAreNamedWithTheirPart) {
  const OriginalFolder folder;
  fs::remove_all(folder.original() / "prior");  // the published config is another one's
  const auto model = open_model_dir(folder.original());
  EXPECT_TRUE(mentions(error_of([&] { model.weights("prior"); }),
                       {"prior-ckpt", "c_qkv", "a multiple of 3 x 64 rows"}));
}

}  // namespace
}  // namespace unclip
