#include <map>
#include <nlohmann/json.hpp>

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "tests/families/twostage/networks.h"
#include "tests/families/twostage/twostage.h"
#include "tests/support/golden.h"
#include "tests/support/seeded_weights.h"
#include "tests/weights/files.h"
#include "weights/write_safetensors.h"

namespace unclip::testing::twostage {
namespace {

template <class Network, class NetworkConfig>
void write_network(const std::filesystem::path& folder, const nlohmann::json& config,
                   const std::string& stem, uint64_t seed) {
  write_text(folder / "config.json", config.dump(2));
  Network network(NetworkConfig::from(Config::parse(config.dump(), "config")));
  fill_seeded(network, seed);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : network.parameters()) tensors[name] = tensor;
  write_safetensors(folder / (stem + ".safetensors"), tensors);
}

}  // namespace

void write_model(const std::filesystem::path& dir) {
  const auto configs = nlohmann::json::parse(Golden("pipeline_plain").metadata("configs"));
  const std::string diffusion = "diffusion_pytorch_model";
  const auto prior = dir / "prior";
  write_network<TextEncoder, ClipTextConfig>(prior / "text_encoder", configs.at("text_encoder"),
                                             "model", 1);
  write_network<ImageEncoder, ClipVisionConfig>(prior / "image_encoder",
                                                configs.at("image_encoder"), "model", 2);
  const auto width = configs.at("text_encoder").at("projection_dim");
  write_network<Prior, PriorConfig>(prior / "prior", {{"embedding_dim", width}}, diffusion, 3);
  write_network<UNet, UNetConfig>(dir / "unet", {{"embedding_dim", width}, {"sample_size", 8}},
                                  diffusion, 4);
  const auto side = configs.at("image_encoder").at("image_size");
  const nlohmann::json processor = {{"size", side}, {"crop_size", side}};
  write_text(prior / "feature_extractor/preprocessor_config.json", processor.dump(2));
  for (const auto* name : {"vocab.json", "merges.txt"}) {
    write_text(prior / "tokenizer" / name,
               read_text(std::filesystem::path("tests/golden/tokenizer") / name));
  }
  for (const auto& home : {prior, dir}) {
    write_text(home / "scheduler/scheduler_config.json",
               R"({"_class_name": "DDIMScheduler", "prediction_type": "sample"})");
  }
  write_text(prior / "model_index.json", R"({"_class_name": "TwoStagePriorPipeline",
      "tokenizer": ["transformers", "CLIPTokenizer"],
      "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
      "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
      "feature_extractor": ["transformers", "CLIPImageProcessor"],
      "prior": ["diffusers", "TwoStagePrior"],
      "scheduler": ["diffusers", "DDIMScheduler"]})");
  write_text(dir / "model_index.json", R"({"_class_name": "TwoStagePipeline",
      "unet": ["diffusers", "TwoStageUNet"],
      "scheduler": ["diffusers", "DDIMScheduler"]})");
}

}  // namespace unclip::testing::twostage
