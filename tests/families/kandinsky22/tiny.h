#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "prior/prior_transformer.h"
#include "tests/support/environment.h"
#include "tests/support/tiny_parts.h"
#include "unet/unet.h"
#include "vae/autoencoder.h"

namespace unclip::testing {

/// The model of a golden file in the two folders of Kandinsky 2.2, next to each other, and a cache
/// folder of its own.
class TinyKandinsky22 : public TemporaryFolder {
 public:
  explicit TinyKandinsky22(const Golden& golden) : environment_({"XDG_CACHE_HOME"}) {
    environment_.set("XDG_CACHE_HOME", *this / "cache");
    const TinyParts parts(golden);
    const std::string diffusion = "diffusion_pytorch_model";
    parts.write_network<TextEncoder, ClipTextConfig>(prior() / "text_encoder", "text_encoder",
                                                     "model");
    parts.write_network<ImageEncoder, ClipVisionConfig>(prior() / "image_encoder", "image_encoder",
                                                        "model");
    parts.write_network<PriorTransformer, PriorConfig>(prior() / "prior", "prior", diffusion);
    parts.write_network<UNet, UNetConfig>(decoder() / "unet", "unet", diffusion);
    parts.write_network<Autoencoder, VaeConfig>(decoder() / "movq", "movq", diffusion);
    parts.write_scheduler(prior() / "scheduler", "prior_scheduler");
    parts.write_scheduler(decoder() / "scheduler", "decoder_scheduler");
    parts.write_preprocessor(prior() / "image_processor");
    TinyParts::write_tokenizer(prior() / "tokenizer", "<|endoftext|>");
    write_text(prior() / "model_index.json", R"({"_class_name": "KandinskyV22PriorPipeline",
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
        "image_encoder": ["transformers", "CLIPVisionModelWithProjection"],
        "image_processor": ["transformers", "CLIPImageProcessor"],
        "prior": ["diffusers", "PriorTransformer"],
        "scheduler": ["diffusers", "UnCLIPScheduler"]})");
    write_text(decoder() / "model_index.json", R"({"_class_name": "KandinskyV22Pipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "movq": ["diffusers", "VQModel"],
        "scheduler": ["diffusers", "DDPMScheduler"]})");
  }

  std::filesystem::path prior() const { return *this / "kandinsky-2-2-prior"; }
  std::filesystem::path decoder() const { return *this / "kandinsky-2-2-decoder"; }
  std::filesystem::path zero_images() const { return *this / "cache/unclip/zero-image"; }

 private:
  Environment environment_;
};

}  // namespace unclip::testing
