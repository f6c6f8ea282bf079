#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/golden.h"
#include "tests/support/seeded_weights.h"
#include "tests/weights/files.h"
#include "weights/write_safetensors.h"

namespace unclip::testing {

/// Writes parts of a golden file's model: with the configs of its metadata, weights from its seeds
/// (seeded_weights.h), and the tiny tokenizer of tests/golden/tokenizer.
class TinyParts {
 public:
  explicit TinyParts(const Golden& golden)
      : configs(nlohmann::json::parse(golden.metadata("configs"))),
        seeds_(nlohmann::json::parse(golden.metadata("seeds"))) {}

  /// `folder` is the part's own.
  template <class Network, class NetworkConfig>
  void write_network(const std::filesystem::path& folder, const std::string& part,
                     const std::string& stem) const {
    const auto text = configs.at(part).dump(2);
    write_text(folder / "config.json", text);
    Network network(NetworkConfig::from(Config::parse(text, part)));
    fill_seeded(network, seeds_.at(part).get<uint64_t>());
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : network.parameters()) tensors[name] = tensor;
    write_safetensors(folder / (stem + ".safetensors"), tensors);
  }

  void write_scheduler(const std::filesystem::path& folder, const std::string& part) const {
    write_text(folder / "scheduler_config.json", configs.at(part).dump(2));
  }

  /// Of images of the image encoder's size.
  void write_preprocessor(const std::filesystem::path& folder) const {
    const auto side = configs.at("image_encoder").at("image_size");
    const nlohmann::json processor = {{"size", side}, {"crop_size", side}};
    write_text(folder / "preprocessor_config.json", processor.dump(2));
  }

  static void write_tokenizer(const std::filesystem::path& folder, const std::string& pad) {
    for (const auto* name : {"vocab.json", "merges.txt"}) {
      write_text(folder / name, read_text(std::filesystem::path("tests/golden/tokenizer") / name));
    }
    const nlohmann::json specials = {{"bos_token", "<|startoftext|>"},
                                     {"eos_token", "<|endoftext|>"},
                                     {"pad_token", pad},
                                     {"unk_token", "<|endoftext|>"}};
    write_text(folder / "special_tokens_map.json", specials.dump(2));
  }

  const nlohmann::json configs;

 private:
  nlohmann::json seeds_;
};

}  // namespace unclip::testing
