#pragma once

#include <map>
#include <string>

#include "hub/pull.h"
#include "tests/hub/hub_server.h"
#include "tests/support/environment.h"
#include "tests/weights/files.h"

namespace unclip::testing {

/// The layout of a made-up model: a network, an encoder, a tokenizer, and in a companion repository
/// a prior.
inline const ModelLayout& served_layout() {
  static const ModelLayout layout = [] {
    const auto part = [](const std::string& name, const std::vector<std::string>& configs,
                         const std::string& weights) {
      PartSpec spec;
      spec.name = name;
      spec.classes = {"Class"};
      spec.libraries = {"library"};
      spec.configs = configs;
      spec.weights = weights;
      return spec;
    };
    ModelLayout model;
    model.name = "served";
    model.classes = {"ServedPipeline"};
    model.parts = {part("tokenizer", {"vocab.json", "merges.txt"}, ""),
                   part("encoder", {"config.json"}, "model"),
                   part("net", {"config.json"}, "diffusion_pytorch_model")};
    return model;
  }();
  return layout;
}

/// The same with a part in a companion folder, "prior", which README.md names.
inline const ModelLayout& served_layout_with_companion() {
  static const ModelLayout layout = [] {
    auto model = served_layout();
    auto prior = *model.part("net");
    prior.name = "prior";
    prior.folder = "net";
    prior.home = "prior";
    model.parts.push_back(prior);
    model.companions = {{.name = "prior", .classes = {"PriorPipeline"}, .readme_key = "prior"}};
    return model;
  }();
  return layout;
}

inline HubServer::Files served_files() {
  return {{".gitattributes", "* text"},
          {"model_index.json", R"({"_class_name": "ServedPipeline",
              "tokenizer": ["library", "Class"], "encoder": ["library", "Class"],
              "net": ["library", "Class"]})"},
          {"README.md", "a model"},
          {"tokenizer/vocab.json", "{}"},
          {"tokenizer/merges.txt", "a b"},
          {"encoder/config.json", R"({"encoder": 1})"},
          {"encoder/model.safetensors", "weights of the encoder"},
          {"encoder/pytorch_model.bin", "pickle of the encoder"},
          {"net/config.json", R"({"net": 1})"},
          {"net/diffusion_pytorch_model.safetensors", "weights of the network"},
          {"net/diffusion_pytorch_model.fp16.safetensors", "half"},
          {"other/huge.safetensors", "nobody reads this"}};
}

/// A server with the model "me/model", and an empty cache.
struct ServedModel : TemporaryFolder {
  ServedModel() { server.add("me/model", served_files()); }

  hub::PullOptions options() const {
    hub::PullOptions options;
    options.layouts = {&served_layout()};
    options.cache = *this / "hub";
    options.settings.endpoint = server.url();
    options.retry.first_wait = 0.001;
    return options;
  }
  hub::PullResult pull(const hub::PullOptions& options,
                       const std::string& name = "me/model") const {
    return hub::pull(HubName::parse(name).value(), options);
  }
  hub::PullResult pull() const { return pull(options()); }

  std::filesystem::path repository() const { return *this / "hub/models--me--model"; }
  std::filesystem::path snapshot() const { return repository() / "snapshots" / HubServer::kCommit; }
  /// The files of the snapshot, with their contents.
  HubServer::Files pulled() const { return files_below(snapshot()); }
  /// Those files that the engine reads.
  static HubServer::Files expected() {
    auto files = served_files();
    for (const auto* other :
         {".gitattributes", "README.md", "encoder/pytorch_model.bin",
          "net/diffusion_pytorch_model.fp16.safetensors", "other/huge.safetensors"}) {
      files.erase(other);
    }
    return files;
  }

  Environment environment{{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}};
  HubServer server;
};

}  // namespace unclip::testing
