#include "hub/select_files.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/hub/served_model.h"
#include "tests/support/error_matcher.h"

namespace unclip::hub {
namespace {

using testing::error_of;
using testing::mentions;

using Names = std::vector<std::string>;

/// A repository of these files; the contents of those that are read.
struct Repository {
  Repository(const Names& paths, const std::string& index, std::map<std::string, std::string> read)
      : index(Config::parse(index, "me/model: model_index.json")), contents(std::move(read)) {
    for (const auto& path : paths) files[path] = {std::string(40, 'a'), 1};
  }
  ReadFile reader() const {
    return [this](const ListedFile& file) { return contents.at(file.path); };
  }
  ModelFolder folder() const { return {"me/model", files, index, "", ""}; }
  Names selected(const ModelLayout& layout, bool fp16 = false) const {
    Names paths;
    for (const auto& file : select_files(folder(), layout, fp16, reader())) {
      paths.push_back(file.path);
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  TreeListing files;
  Config index;
  std::map<std::string, std::string> contents;
};

const std::string kIndex = R"({"_class_name": "ServedPipeline", "net": ["library", "Class"]})";

/// The weights that are selected of a network's folder with these files.
Names weights_of(const Names& files, bool fp16, const std::string& shards = "") {
  Names paths = {"net/config.json"};
  for (const auto& file : files) paths.push_back("net/" + file);
  std::map<std::string, std::string> contents;
  for (const auto& path : paths) contents[path] = shards;
  auto selected = Repository(paths, kIndex, contents).selected(testing::served_layout(), fp16);
  std::erase(selected, "net/config.json");
  return selected;
}

TEST(SelectFiles, TakesOneSetOfWeightsForEachNetwork) {
  const std::string stem = "diffusion_pytorch_model";
  const auto whole = stem + ".safetensors", half = stem + ".fp16.safetensors",
             pickle = stem + ".bin", half_pickle = stem + ".fp16.bin";
  const Names all = {whole, half, pickle, half_pickle, stem + ".non_ema.safetensors"};
  const auto net = [](const std::string& name) { return Names{"net/" + name}; };
  EXPECT_EQ(weights_of(all, false), net(whole));
  EXPECT_EQ(weights_of(all, true), net(half));
  EXPECT_EQ(weights_of({whole, pickle}, true), net(whole));
  EXPECT_EQ(weights_of({half, pickle}, false), net(half));
  EXPECT_EQ(weights_of({pickle, half_pickle}, false), net(pickle));
  EXPECT_EQ(weights_of({pickle, half_pickle}, true), net(half_pickle));
}

TEST(SelectFiles, TakesTheShardsThatAnIndexNames) {
  const auto index = std::string("diffusion_pytorch_model.safetensors.index.json");
  const auto shards = R"({"weight_map": {"a": "1.safetensors", "b": "2.safetensors",
                          "c": "1.safetensors"}})";
  EXPECT_EQ(weights_of({index, "1.safetensors", "2.safetensors", "3.safetensors"}, false, shards),
            (Names{"net/1.safetensors", "net/2.safetensors", "net/" + index}));
  EXPECT_TRUE(mentions(error_of([&] {
                         weights_of({index, "1.safetensors"}, false, shards);
                       }),
                       {"me/model", index, "2.safetensors", "lacks"}));
}

TEST(SelectFiles, RefusesShardsInOtherFolders) {
  for (const std::string bad : {"../x.safetensors", "/x.safetensors", "a/x.safetensors",
                                ".x.safetensors", "x.txt", "", "a\\\\x.safetensors"}) {
    const auto json = R"({"weight_map": {"a": ")" + bad + R"("}})";
    EXPECT_TRUE(mentions(error_of([&] { shard_names(json, "index"); }),
                         {"index", "'a'", "in the same folder"}))
        << bad;
  }
  for (const auto* bad : {"{}", R"({"weight_map": []})", R"({"weight_map": null})"}) {
    EXPECT_TRUE(mentions(error_of([&] { shard_names(bad, "index"); }), {"index", "weight_map"}));
  }
  EXPECT_TRUE(mentions(error_of([&] { shard_names("", "index"); }), {"index", "JSON"}));
}

TEST(SelectFiles, TakesThePartsThatTheIndexListsOrThatAreThere) {
  const Names net = {"net/config.json", "net/diffusion_pytorch_model.safetensors"};
  auto files = net;
  files.insert(files.end(), {"encoder/model.safetensors", "unclip.json", "tokenizer/vocab.json",
                             "model_index.json", "net/README.md"});
  // The encoder is not listed and has no config; the tokenizer is not listed, but there.
  EXPECT_EQ(Repository(files, kIndex, {}).selected(testing::served_layout()),
            (Names{"model_index.json", net[0], net[1], "tokenizer/vocab.json", "unclip.json"}));
  const auto index = [](const std::string& more) {
    return R"({"_class_name": "ServedPipeline", )" + more + "}";
  };
  EXPECT_EQ(
      Repository(net, index(R"("encoder": [null, null])"), {}).selected(testing::served_layout()),
      net);
  const auto error = [&](const Names& paths, const std::string& more) {
    return error_of([&] { Repository(paths, index(more), {}).selected(testing::served_layout()); });
  };
  EXPECT_TRUE(mentions(error(net, R"("encoder": ["library", "Class"])"),
                       {"me/model", "encoder/config.json", "model_index.json lists 'encoder'"}));
  EXPECT_TRUE(mentions(error(net, R"("vae": ["library", "Class"])"),
                       {"me/model", "served model", "'vae'"}));
  EXPECT_TRUE(mentions(error({"net/config.json"}, R"("net": ["library", "Class"])"),
                       {"me/model", "net/diffusion_pytorch_model.safetensors", "no weights"}));
}

TEST(FindCompanions, ReadsTheirNamesInReadme) {
  const auto& layout = testing::served_layout_with_companion();
  const auto companions = [&](const std::string& readme) {
    const Repository repository({"README.md"}, kIndex, {{"README.md", readme}});
    return find_companions(repository.folder(), layout, repository.reader());
  };
  const auto found = companions("---\nprior:\n- me/prior\n---\ntext");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].home, "prior");
  EXPECT_EQ(found[0].repository, "me/prior");
  for (const auto* bad : {"", "---\nprior:\n---\n", "---\nprior: ../../x\n---\n",
                          "---\nprior: me/prior@v1\n---\n", "---\nprior: a\n---\n"}) {
    EXPECT_TRUE(mentions(error_of([&] { companions(bad); }),
                         {"me/model: README.md", "'prior'", "OWNER/NAME"}))
        << bad;
  }
  const Repository nested({"prior/model_index.json"}, kIndex, {});
  EXPECT_TRUE(find_companions(nested.folder(), layout, nested.reader()).empty());
  const Repository none({}, kIndex, {});
  EXPECT_TRUE(find_companions(none.folder(), testing::served_layout(), none.reader()).empty());
  EXPECT_TRUE(mentions(error_of([&] { find_companions(none.folder(), layout, none.reader()); }),
                       {"me/model: README.md", "'prior'"}));
}

}  // namespace
}  // namespace unclip::hub
