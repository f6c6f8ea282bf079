#pragma once

#include <filesystem>
#include <string>

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "families/karlo/text_projection.h"
#include "prior/prior_transformer.h"
#include "tests/support/tiny_parts.h"
#include "unet/unet.h"

namespace unclip::testing {

/// Writes the model of a pipeline's golden file as Karlo's hub folder.
class TinyModel {
 public:
  TinyModel(const Golden& golden, const std::filesystem::path& dir) {
    const TinyParts parts(golden);
    const std::string diffusion = "diffusion_pytorch_model";
    parts.write_network<TextEncoder, ClipTextConfig>(dir / "text_encoder", "text_encoder", "model");
    parts.write_network<ImageEncoder, ClipVisionConfig>(dir / "image_encoder", "image_encoder",
                                                        "model");
    parts.write_network<PriorTransformer, PriorConfig>(dir / "prior", "prior", diffusion);
    parts.write_network<karlo::TextProjection, karlo::TextProjectionConfig>(dir / "text_proj",
                                                                            "text_proj", diffusion);
    for (const auto* part : {"decoder", "super_res_first", "super_res_last"}) {
      parts.write_network<UNet, UNetConfig>(dir / part, part, diffusion);
    }
    for (const auto* part : {"prior_scheduler", "decoder_scheduler", "super_res_scheduler"}) {
      parts.write_scheduler(dir / part, part);
    }
    parts.write_preprocessor(dir / "feature_extractor");
    TinyParts::write_tokenizer(dir / "tokenizer", golden.metadata("pad"));
    write_index(dir);
  }

 private:
  static void write_index(const std::filesystem::path& dir) {
    write_text(dir / "model_index.json", R"({"_class_name": "UnCLIPPipeline",
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
};

}  // namespace unclip::testing
