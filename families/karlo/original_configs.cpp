#include "families/karlo/original_configs.h"

#include <utility>

namespace unclip::karlo {
namespace {

// Of both networks of super-resolution.
constexpr std::string_view kSuperResolution =
    R"({"_class_name": "UNet2DModel", "_diffusers_version": "0.42.1", "act_fn": "silu",
     "add_attention": false, "attention_head_dim": 8, "block_out_channels": [320, 640, 960, 1280],
     "center_input_sample": false, "down_block_types": ["ResnetDownsampleBlock2D",
     "ResnetDownsampleBlock2D", "ResnetDownsampleBlock2D", "ResnetDownsampleBlock2D"],
     "downsample_padding": 1, "downsample_type": "conv", "dropout": 0.0, "flip_sin_to_cos": true,
     "freq_shift": 0, "in_channels": 6, "layers_per_block": 3, "mid_block_scale_factor": 1,
     "mid_block_type": "UNetMidBlock2D", "norm_eps": 1e-05, "norm_num_groups": 32, "out_channels":
     3, "resnet_time_scale_shift": "default", "sample_size": 256, "time_embedding_type":
     "positional", "up_block_types": ["ResnetUpsampleBlock2D", "ResnetUpsampleBlock2D",
     "ResnetUpsampleBlock2D", "ResnetUpsampleBlock2D"], "upsample_type": "conv"})";

// As published on the hub. tests/golden/karlo/ holds the same, and a test compares them.
constexpr std::pair<std::string_view, std::string_view> kConfigs[] = {
    {"text_encoder",
     R"({"attention_dropout": 0.0, "bos_token_id": 49406, "eos_token_id": 49407, "hidden_act":
     "quick_gelu", "hidden_size": 768, "initializer_factor": 1.0, "initializer_range": 0.02,
     "intermediate_size": 3072, "layer_norm_eps": 1e-05, "max_position_embeddings": 77,
     "model_type": "clip_text_model", "num_attention_heads": 12, "num_hidden_layers": 12,
     "pad_token_id": 1, "projection_dim": 768, "transformers_version": "5.23.0", "vocab_size":
     49408})"},
    {"image_encoder",
     R"({"attention_dropout": 0.0, "hidden_act": "quick_gelu", "hidden_size": 1024, "image_size": 224,
     "initializer_factor": 1.0, "initializer_range": 0.02, "intermediate_size": 4096,
     "layer_norm_eps": 1e-05, "model_type": "clip_vision_model", "num_attention_heads": 16,
     "num_channels": 3, "num_hidden_layers": 24, "patch_size": 14, "projection_dim": 768,
     "transformers_version": "5.23.0"})"},
    {"prior",
     R"({"_class_name": "PriorTransformer", "_diffusers_version": "0.42.1", "added_emb_type": "prd",
     "additional_embeddings": 4, "attention_head_dim": 64, "dropout": 0.0, "embedding_dim": 768,
     "encoder_hid_proj_type": "linear", "num_attention_heads": 32, "num_embeddings": 77,
     "num_layers": 20, "time_embed_act_fn": "silu"})"},
    {"text_proj",
     R"({"_class_name": "UnCLIPTextProjModel", "_diffusers_version": "0.42.1", "clip_embeddings_dim":
     768, "clip_extra_context_tokens": 4, "cross_attention_dim": 1536, "time_embed_dim": 1280})"},
    {"decoder",
     R"({"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.42.1", "act_fn": "silu",
     "addition_embed_type_num_heads": 64, "attention_head_dim": 64, "attention_type": "default",
     "block_out_channels": [320, 640, 960, 1280], "center_input_sample": false, "class_embed_type":
     "identity", "class_embeddings_concat": false, "conv_in_kernel": 3, "conv_out_kernel": 3,
     "cross_attention_dim": 1536, "down_block_types": ["ResnetDownsampleBlock2D",
     "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D"],
     "downsample_padding": 1, "dropout": 0.0, "dual_cross_attention": false, "flip_sin_to_cos":
     true, "freq_shift": 0, "in_channels": 3, "layers_per_block": 3, "mid_block_scale_factor": 1,
     "mid_block_type": "UNetMidBlock2DSimpleCrossAttn", "norm_eps": 1e-05, "norm_num_groups": 32,
     "only_cross_attention": false, "out_channels": 6, "resnet_out_scale_factor": 1.0,
     "resnet_skip_time_act": false, "resnet_time_scale_shift": "scale_shift", "sample_size": 64,
     "time_embedding_type": "positional", "transformer_layers_per_block": 1, "up_block_types":
     ["SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D",
     "ResnetUpsampleBlock2D"], "upcast_attention": false, "use_linear_projection": false})"},
    {"super_res_first", kSuperResolution},
    {"super_res_last", kSuperResolution},
    {"prior_scheduler",
     R"({"_class_name": "UnCLIPScheduler", "_diffusers_version": "0.42.1", "beta_schedule":
     "squaredcos_cap_v2", "clip_sample": true, "clip_sample_range": 5.0, "num_train_timesteps":
     1000, "prediction_type": "sample", "variance_type": "fixed_small_log"})"},
    {"decoder_scheduler",
     R"({"_class_name": "UnCLIPScheduler", "_diffusers_version": "0.42.1", "beta_schedule":
     "squaredcos_cap_v2", "clip_sample": true, "clip_sample_range": 1.0, "num_train_timesteps":
     1000, "prediction_type": "epsilon", "variance_type": "learned_range"})"},
    {"super_res_scheduler",
     R"({"_class_name": "UnCLIPScheduler", "_diffusers_version": "0.42.1", "beta_schedule":
     "squaredcos_cap_v2", "clip_sample": true, "clip_sample_range": 1.0, "num_train_timesteps":
     1000, "prediction_type": "epsilon", "variance_type": "fixed_small_log"})"},
    {"feature_extractor", R"({"size": 224, "crop_size": 224})"},
};

}  // namespace

std::string_view original_config(std::string_view part) {
  for (const auto& [name, config] : kConfigs) {
    if (name == part) return config;
  }
  return {};
}

}  // namespace unclip::karlo
