#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "tests/weights/files.h"
#include "weights/write_safetensors.h"

namespace unclip::testing {

inline void write_part(const std::filesystem::path& folder, const std::string& class_name,
                       const std::string& stem) {
  write_text(folder / "config.json", R"({"_class_name": ")" + class_name + R"("})");
  write_safetensors(folder / (stem + ".safetensors"),
                    {{"weight", at::ones({3, 2})}, {"bias", at::zeros({3}, at::kHalf)}});
}

/// A model folder as Karlo's: text to image, without an image encoder. Its networks hold two
/// tensors of 9 numbers each, which no network could use.
inline void write_model(const std::filesystem::path& dir, const std::string& text_proj = "unclip") {
  write_text(dir / "model_index.json", R"({"_class_name": "UnCLIPPipeline",
      "_diffusers_version": "0.12.0.dev0",
      "tokenizer": ["transformers", "CLIPTokenizer"],
      "text_encoder": ["transformers", "CLIPTextModelWithProjection"],
      "image_encoder": [null, null],
      "prior": ["diffusers", "PriorTransformer"],
      "text_proj": [")" + text_proj + R"(", "UnCLIPTextProjModel"],
      "decoder": ["diffusers", "UNet2DConditionModel"],
      "super_res_first": ["diffusers", "UNet2DModel"],
      "super_res_last": ["diffusers", "UNet2DModel"],
      "prior_scheduler": ["diffusers", "UnCLIPScheduler"],
      "decoder_scheduler": ["diffusers", "UnCLIPScheduler"],
      "super_res_scheduler": ["diffusers", "UnCLIPScheduler"]})");
  write_text(dir / "tokenizer" / "vocab.json", "{}");
  write_text(dir / "tokenizer" / "merges.txt", "");
  write_part(dir / "text_encoder", "CLIPTextModelWithProjection", "model");
  write_part(dir / "prior", "PriorTransformer", "diffusion_pytorch_model");
  write_part(dir / "text_proj", "UnCLIPTextProjModel", "diffusion_pytorch_model");
  write_part(dir / "decoder", "UNet2DConditionModel", "diffusion_pytorch_model");
  write_part(dir / "super_res_first", "UNet2DModel", "diffusion_pytorch_model");
  write_part(dir / "super_res_last", "UNet2DModel", "diffusion_pytorch_model");
  for (const auto* name : {"prior_scheduler", "decoder_scheduler", "super_res_scheduler"}) {
    write_text(dir / name / "scheduler_config.json", R"({"_class_name": "UnCLIPScheduler"})");
  }
}

}  // namespace unclip::testing
