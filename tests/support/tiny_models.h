#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "families/karlo/text_projection.h"
#include "prior/prior_transformer.h"
#include "tests/support/golden.h"
#include "tests/support/seeded_weights.h"
#include "tests/weights/files.h"
#include "unet/unet.h"
#include "weights/write_safetensors.h"

namespace unclip::testing {

/// Writes the model of a pipeline's golden file as a hub folder: with the configs of its metadata,
/// weights from its seeds (seeded_weights.h), and the tiny tokenizer of tests/golden/tokenizer.
class TinyModel {
 public:
  TinyModel(const Golden& golden, std::filesystem::path dir)
      : dir_(std::move(dir)),
        configs_(nlohmann::json::parse(golden.metadata("configs"))),
        seeds_(nlohmann::json::parse(golden.metadata("seeds"))) {
    write_network<TextEncoder, ClipTextConfig>("text_encoder", "model");
    write_network<ImageEncoder, ClipVisionConfig>("image_encoder", "model");
    write_network<PriorTransformer, PriorConfig>("prior", "diffusion_pytorch_model");
    write_network<karlo::TextProjection, karlo::TextProjectionConfig>("text_proj",
                                                                      "diffusion_pytorch_model");
    for (const auto* part : {"decoder", "super_res_first", "super_res_last"}) {
      write_network<UNet, UNetConfig>(part, "diffusion_pytorch_model");
    }
    for (const auto* part : {"prior_scheduler", "decoder_scheduler", "super_res_scheduler"}) {
      write_text(dir_ / part / "scheduler_config.json", configs_.at(part).dump(2));
    }
    const auto side = configs_.at("image_encoder").at("image_size");
    const nlohmann::json processor = {{"size", side}, {"crop_size", side}};
    write_text(dir_ / "feature_extractor/preprocessor_config.json", processor.dump(2));
    write_tokenizer(golden.metadata("pad"));
    write_index();
  }

 private:
  template <class Network, class NetworkConfig>
  void write_network(const std::string& part, const std::string& stem) {
    const auto text = configs_.at(part).dump(2);
    write_text(dir_ / part / "config.json", text);
    Network network(NetworkConfig::from(Config::parse(text, part)));
    fill_seeded(network, seeds_.at(part).get<uint64_t>());
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : network.parameters()) tensors[name] = tensor;
    write_safetensors(dir_ / part / (stem + ".safetensors"), tensors);
  }

  void write_tokenizer(const std::string& pad) const {
    for (const auto* name : {"vocab.json", "merges.txt"}) {
      write_text(dir_ / "tokenizer" / name,
                 read_text(std::filesystem::path("tests/golden/tokenizer") / name));
    }
    const nlohmann::json specials = {{"bos_token", "<|startoftext|>"},
                                     {"eos_token", "<|endoftext|>"},
                                     {"pad_token", pad},
                                     {"unk_token", "<|endoftext|>"}};
    write_text(dir_ / "tokenizer" / "special_tokens_map.json", specials.dump(2));
  }

  void write_index() const {
    write_text(dir_ / "model_index.json", R"({"_class_name": "UnCLIPPipeline",
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
        "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
        "prior": ["diffusers", "PriorTransformer"],
        "text_proj": ["unclip", "UnCLIPTextProjModel"],
        "decoder": ["diffusers", "UNet2DConditionModel"],
        "super_res_first": ["diffusers", "UNet2DModel"],
        "super_res_last": ["diffusers", "UNet2DModel"],
        "prior_scheduler": ["diffusers", "UnCLIPScheduler"],
        "decoder_scheduler": ["diffusers", "UnCLIPScheduler"],
        "super_res_scheduler": ["diffusers", "UnCLIPScheduler"]})");
  }

  std::filesystem::path dir_;
  nlohmann::json configs_, seeds_;
};

}  // namespace unclip::testing
