#include "weights/layouts/original_names.h"

#include <algorithm>
#include <array>

namespace unclip {
namespace {

using enum Arrangement;

NewPlace same(std::string_view name) { return {{std::string(name)}, kSame}; }

const std::vector<LayerName> kPriorLayers = {
    {"time_embed.0", {{"time_embedding.linear_1"}}},
    {"time_embed.2", {{"time_embedding.linear_2"}}},
    {"clip_img_proj", {{"proj_in"}}},
    {"text_emb_proj", {{"embedding_proj"}}},
    {"text_enc_proj", {{"encoder_hidden_states_proj"}}},
    {"positional_embedding", {{"positional_embedding"}}},
    {"prd_emb", {{"prd_embedding"}}},
    {"final_ln", {{"norm_out"}}},
    {"out_proj", {{"proj_to_clip_embeddings"}}},
};
const std::vector<LayerName> kPriorBlockLayers = {
    {"attn.c_qkv", {{"attn1.to_q", "attn1.to_k", "attn1.to_v"}, kHeads}},
    {"attn.c_proj", {{"attn1.to_out.0"}}},
    {"mlp.c_fc", {{"ff.net.0.proj"}}},
    {"mlp.c_proj", {{"ff.net.2"}}},
    {"ln_1", {{"norm1"}}},
    {"ln_2", {{"norm3"}}},
};

const std::vector<LayerName> kUNetLayers = {
    {"time_embed.0", {{"time_embedding.linear_1"}}},
    {"time_embed.2", {{"time_embedding.linear_2"}}},
    {"input_blocks.0.0", {{"conv_in"}}},
    {"out.0", {{"conv_norm_out"}}},
    {"out.2", {{"conv_out"}}},
};
const std::vector<LayerName> kResnetLayers = {
    {"in_layers.0", {{"norm1"}}},          {"in_layers.2", {{"conv1"}}},
    {"emb_layers.1", {{"time_emb_proj"}}}, {"out_layers.0", {{"norm2"}}},
    {"out_layers.3", {{"conv2"}}},         {"skip_connection", {{"conv_shortcut"}}},
};
const std::vector<LayerName> kAttentionLayers = {
    {"norm", {{"group_norm"}}},
    {"qkv", {{"to_q", "to_k", "to_v"}, kHeads}},
    {"encoder_kv", {{"add_k_proj", "add_v_proj"}, kHeads}},
    {"proj_out", {{"to_out.0"}, kLinear}},
};

const std::vector<LayerName> kClipTextLayers = {
    {"token_embedding", {{"text_model.embeddings.token_embedding"}}},
    {"positional_embedding", {{"text_model.embeddings.position_embedding.weight"}}},
    {"ln_final", {{"text_model.final_layer_norm"}}},
    {"text_projection", {{"text_projection.weight"}, kTransposed}},
};
const std::vector<LayerName> kClipImageLayers = {
    {"class_embedding", {{"vision_model.embeddings.class_embedding"}}},
    {"conv1", {{"vision_model.embeddings.patch_embedding"}}},
    {"positional_embedding", {{"vision_model.embeddings.position_embedding.weight"}}},
    {"ln_pre", {{"vision_model.pre_layrnorm"}}},
    {"ln_post", {{"vision_model.post_layernorm"}}},
    {"proj", {{"visual_projection.weight"}, kTransposed}},
};
const std::vector<LayerName> kClipBlockLayers = {
    {"attn.out_proj", {{"self_attn.out_proj"}}},
    {"ln_1", {{"layer_norm1"}}},
    {"ln_2", {{"layer_norm2"}}},
    {"mlp.c_fc", {{"mlp.fc1"}}},
    {"mlp.c_proj", {{"mlp.fc2"}}},
};
/// Numbers and masks that CLIP's files hold beside weights.
constexpr std::array<std::string_view, 5> kClipNumbers = {
    "logit_scale", "input_resolution", "context_length", "vocab_size", "attn_mask"};

/// The place that a table gives the name, if it has one; otherwise the name itself.
NewPlace place_in(const std::vector<LayerName>& table, std::string_view rest,
                  const std::string& new_prefix, std::string_view whole) {
  if (auto place = find_layer(table, rest, new_prefix)) return *place;
  return same(whole);
}

bool is_of_resnet(std::string_view rest) { return find_layer(kResnetLayers, rest).has_value(); }

/// A ResNet or an attention of the U-Net, each with its own table.
NewPlace block_place(std::string_view rest, const std::string& resnet, const std::string& attention,
                     std::string_view whole) {
  if (is_of_resnet(rest)) return place_in(kResnetLayers, rest, resnet, whole);
  return place_in(kAttentionLayers, rest, attention, whole);
}

/// A layer of a transformer of CLIP. Its fused projection has names of its own:
/// attn.in_proj_weight, attn.in_proj_bias.
NewPlace clip_block_place(std::string_view rest, const std::string& layer, std::string_view whole) {
  auto fused = rest;
  if (take_prefix(fused, "attn.in_proj_") && (fused == "weight" || fused == "bias")) {
    NewPlace place{{}, kThirds};
    for (const auto* each : {"q", "k", "v"}) {
      place.names.push_back(layer + "self_attn." + each + "_proj." + std::string(fused));
    }
    return place;
  }
  return place_in(kClipBlockLayers, rest, layer, whole);
}

NewPlace clip_place(std::string_view name, const std::vector<LayerName>& layers,
                    const std::string& model, std::string_view whole) {
  auto rest = name;
  if (take_prefix(rest, "transformer.resblocks.")) {
    const auto i = take_number(rest);
    if (!i) return same(whole);
    return clip_block_place(rest, model + ".encoder.layers." + std::to_string(*i) + ".", whole);
  }
  return place_in(layers, rest, "", whole);
}

}  // namespace

NewPlace original_prior_place(std::string_view name) {
  auto rest = name;
  if (take_prefix(rest, "transformer.resblocks.")) {
    const auto i = take_number(rest);
    if (!i) return same(name);
    return place_in(kPriorBlockLayers, rest, "transformer_blocks." + std::to_string(*i) + ".",
                    name);
  }
  return place_in(kPriorLayers, name, "", name);
}

std::optional<NewPlace> original_statistics_place(std::string_view name) {
  if (name == "0") return NewPlace{{"clip_mean"}, kRow};
  if (name == "1") return NewPlace{{"clip_std"}, kRow};
  return {};
}

NewPlace original_unet_place(std::string_view name, int64_t layers_per_block) {
  auto rest = name;
  const bool input = take_prefix(rest, "input_blocks."),
             middle = take_prefix(rest, "middle_block."),
             output = take_prefix(rest, "output_blocks.");
  const auto block = input || middle || output ? take_number(rest) : std::nullopt;
  if (!block || (input && *block == 0)) return place_in(kUNetLayers, name, "", name);
  if (middle) {
    return block_place(rest, *block == 0 ? "mid_block.resnets.0." : "mid_block.resnets.1.",
                       "mid_block.attentions.0.", name);
  }
  const auto child = take_number(rest);
  if (!child) return same(name);
  const auto i = input ? *block - 1 : *block;  // the first input block is a convolution
  const auto level = std::to_string(i / (layers_per_block + 1)) + ".";
  const auto layer = i % (layers_per_block + 1);
  const auto prefix = (input ? "down_blocks." : "up_blocks.") + level;
  const bool downsamples = input && layer == layers_per_block;
  const bool upsamples = output && *child > 0 && is_of_resnet(rest);
  const auto resnet = downsamples ? std::string("downsamplers.0.")
                      : upsamples ? std::string("upsamplers.0.")
                                  : "resnets." + std::to_string(layer) + ".";
  return block_place(rest, prefix + resnet, prefix + "attentions." + std::to_string(layer) + ".",
                     name);
}

std::optional<NewPlace> original_clip_text_place(std::string_view name) {
  if (name.starts_with("visual.")) return {};
  if (std::find(kClipNumbers.begin(), kClipNumbers.end(), name) != kClipNumbers.end()) return {};
  return clip_place(name, kClipTextLayers, "text_model", name);
}

std::optional<NewPlace> original_clip_image_place(std::string_view name) {
  auto rest = name;
  if (!take_prefix(rest, "visual.")) return {};
  return clip_place(rest, kClipImageLayers, "vision_model", name);
}

}  // namespace unclip
