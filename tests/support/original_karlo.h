#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "base/config.h"
#include "tests/support/torch_bytes.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip::testing {

/// Writes the files that Karlo's authors would publish of a model in the hubs' form: the inverse of
/// what the engine reads, by rules of its own.
class OriginalKarlo {
 public:
  OriginalKarlo(std::filesystem::path hub, std::filesystem::path to)
      : hub_(std::move(hub)), to_(std::move(to)) {
    write_prior();
    write_decoder();
    write_super_resolution();
    write_clip();
  }

 private:
  using Tensors = std::map<std::string, at::Tensor>;
  using Renames = std::vector<std::pair<const char*, const char*>>;

  Tensors part(const std::string& name) const {
    const bool clip = name.ends_with("_encoder");
    const auto checkpoint =
        Checkpoint::open(hub_ / name, clip ? "model" : "diffusion_pytorch_model");
    Tensors tensors;
    for (const auto& key : checkpoint.names()) tensors[key] = checkpoint.tensor(key);
    return tensors;
  }
  int64_t number(const std::string& part, const std::string& key) const {
    return Config::read(hub_ / part / "config.json").require<int64_t>(key);
  }

  static at::Tensor take(Tensors& tensors, const std::string& name) {
    const auto it = tensors.find(name);
    auto tensor = it->second;
    tensors.erase(it);
    return tensor;
  }

  /// Replaces tensors BEFORE.X.weight by one BEFORE.FUSED.weight in blocks of `width` rows; a
  /// width of 0 puts them one after another. With `one`, a size of 1 is added to the weight.
  static void fuse(Tensors& tensors, const std::vector<std::string>& names,
                   const std::string& fused, int64_t width, bool one) {
    std::vector<std::pair<std::string, std::string>> all;  // before, ending
    for (const auto& [name, tensor] : tensors) {
      const auto at = name.find(names[0] + ".");
      if (at != name.npos && (at == 0 || name[at - 1] == '.')) {
        all.emplace_back(name.substr(0, at), name.substr(at + names[0].size()));
      }
    }
    for (const auto& [before, ending] : all) {
      std::vector<at::Tensor> pieces;
      for (const auto& name : names) pieces.push_back(take(tensors, before + name + ending));
      if (width > 0) {
        for (auto& piece : pieces) piece = piece.unflatten(0, {-1, width});
      }
      auto whole = width > 0 ? at::stack(pieces, 1).flatten(0, 2) : at::cat(pieces);
      if (one && whole.dim() == 2) whole = whole.unsqueeze(-1);
      tensors[before + fused + ending] = whole;
    }
  }

  static Tensors renamed(const Tensors& tensors, const Renames& renames,
                         const std::string& prefix) {
    Tensors result;
    for (const auto& [name, tensor] : tensors) {
      auto original = name;
      for (const auto& [from, to] : renames) {
        original = std::regex_replace(original, std::regex(from), to);
      }
      result[prefix + original] = tensor;
    }
    return result;
  }

  void write_prior() const {
    auto tensors = part("prior");
    const auto mean = take(tensors, "clip_mean"), deviation = take(tensors, "clip_std");
    fuse(tensors, {"to_q", "to_k", "to_v"}, "c_qkv", number("prior", "attention_head_dim"), false);
    write("prior-ckpt-step=01000000-of-01000000.ckpt",
          renamed(tensors,
                  {{"^time_embedding.linear_1", "time_embed.0"},
                   {"^time_embedding.linear_2", "time_embed.2"},
                   {"^proj_in", "clip_img_proj"},
                   {"^embedding_proj", "text_emb_proj"},
                   {"^encoder_hidden_states_proj", "text_enc_proj"},
                   {"^prd_embedding", "prd_emb"},
                   {"^norm_out", "final_ln"},
                   {"^proj_to_clip_embeddings", "out_proj"},
                   {"^transformer_blocks", "transformer.resblocks"},
                   {"attn1.c_qkv", "attn.c_qkv"},
                   {"attn1.to_out.0", "attn.c_proj"},
                   {"ff.net.0.proj", "mlp.c_fc"},
                   {"ff.net.2", "mlp.c_proj"},
                   {"norm1", "ln_1"},
                   {"norm3", "ln_2"}},
                  "model."));
    using namespace torch_bytes;
    Archive archive;
    archive.records.push_back(
        record("data.pkl", program(tuple({of_tensor(mean[0], 0), of_tensor(deviation[0], 1)}))));
    add(archive, mean[0]);
    add(archive, deviation[0]);
    write_text(to_ / "ViT-L-14_stats.th", zip(archive));
  }

  /// The blocks of a U-Net are numbered in the order in which they run.
  Tensors original_unet(const std::string& name) const {
    auto tensors = part(name);
    const auto layers = number(name, "layers_per_block") + 1;
    const auto width = number(name, "attention_head_dim");
    fuse(tensors, {"to_q", "to_k", "to_v"}, "qkv", width, true);
    fuse(tensors, {"add_k_proj", "add_v_proj"}, "encoder_kv", width, true);
    Tensors numbered;
    const std::regex place(
        R"((down|up)_blocks\.(\d+)\.(resnets|attentions|\w+samplers)\.(\d+)\.(.*))");
    for (const auto& [key, tensor] : tensors) {
      std::smatch match;
      if (!std::regex_match(key, match, place)) {
        numbered[key] = tensor;
        continue;
      }
      const bool down = match[1] == "down", sampler = match[3].str().ends_with("samplers");
      const auto level = std::stoll(match[2]), r = sampler ? layers - 1 : std::stoll(match[4]);
      const auto block = level * layers + r + (down ? 1 : 0);
      const auto attends = tensors.contains(std::string(match[1]) + "_blocks." + match[2].str() +
                                            ".attentions.0.group_norm.weight");
      const int child = match[3] == "resnets" || (down && sampler) ? 0
                        : match[3] == "attentions"                 ? 1
                                                                   : (attends ? 2 : 1);
      auto original = std::string(down ? "input_blocks." : "output_blocks.") +
                      std::to_string(block) + "." + std::to_string(child) + "." + match[5].str();
      auto value = tensor;
      if (original.ends_with("to_out.0.weight")) value = value.unsqueeze(-1);
      numbered[original] = value;
    }
    const bool attends = tensors.contains("mid_block.attentions.0.group_norm.weight");
    if (attends) {
      auto& out = numbered.at("mid_block.attentions.0.to_out.0.weight");
      out = out.unsqueeze(-1);
    }
    return renamed(numbered,
                   {{"^time_embedding.linear_1", "time_embed.0"},
                    {"^time_embedding.linear_2", "time_embed.2"},
                    {"^conv_in", "input_blocks.0.0"},
                    {"^conv_norm_out", "out.0"},
                    {"^conv_out", "out.2"},
                    {"^mid_block.resnets.0", "middle_block.0"},
                    {"^mid_block.attentions.0", "middle_block.1"},
                    {"^mid_block.resnets.1", attends ? "middle_block.2" : "middle_block.1"},
                    {"\\.norm1\\.", ".in_layers.0."},
                    {"\\.conv1\\.", ".in_layers.2."},
                    {"\\.time_emb_proj\\.", ".emb_layers.1."},
                    {"\\.norm2\\.", ".out_layers.0."},
                    {"\\.conv2\\.", ".out_layers.3."},
                    {"\\.conv_shortcut\\.", ".skip_connection."},
                    {"\\.group_norm\\.", ".norm."},
                    {"\\.to_out\\.0\\.", ".proj_out."}},
                   "");
  }

  void write_decoder() const {
    auto tensors = renamed(original_unet("decoder"), {}, "model.");
    tensors.merge(renamed(part("text_proj"),
                          {{"^learned_classifier_free_guidance_embeddings", "cf_param"},
                           {"^clip_image_embeddings_project_to_time_embeddings", "clip_emb"},
                           {"^embedding_proj", "text_feat_proj"},
                           {"^clip_extra_context_tokens_proj", "clip_tok_proj"},
                           {"^encoder_hidden_states_proj", "text_seq_proj.0"},
                           {"^text_encoder_hidden_states_norm", "text_seq_proj.1"}},
                          "model."));
    write("decoder-ckpt-step=01000000-of-01000000.ckpt", tensors);
  }

  void write_super_resolution() const {
    auto tensors = renamed(original_unet("super_res_first"), {}, "model_first_steps.");
    tensors.merge(renamed(original_unet("super_res_last"), {}, "model_last_step."));
    write("improved-sr-ckpt-step=1.2M.ckpt", tensors);
  }

  Tensors original_clip(const std::string& name, const Renames& own,
                        const std::string& prefix) const {
    auto tensors = part(name);
    // in_proj_weight and in_proj_bias are names of their own.
    fuse(tensors, {"q_proj", "k_proj", "v_proj"}, "in_proj", 0, false);
    auto renames = own;
    renames.insert(renames.end(), {{"self_attn.in_proj.", "attn.in_proj_"},
                                   {"self_attn.out_proj", "attn.out_proj"},
                                   {"layer_norm", "ln_"},
                                   {"mlp.fc1", "mlp.c_fc"},
                                   {"mlp.fc2", "mlp.c_proj"}});
    return renamed(tensors, renames, prefix);
  }

  /// As a plain dictionary: what TorchScript's form is, tests/golden/torch/script.pt shows.
  void write_clip() const {
    auto tensors =
        original_clip("text_encoder",
                      {{"text_model.embeddings.token_embedding", "token_embedding"},
                       {"text_model.embeddings.position_embedding.weight", "positional_embedding"},
                       {"text_model.final_layer_norm", "ln_final"},
                       {"text_projection.weight", "text_projection"},
                       {"text_model.encoder.layers", "transformer.resblocks"}},
                      "");
    tensors.merge(original_clip(
        "image_encoder",
        {{"vision_model.embeddings.class_embedding", "class_embedding"},
         {"vision_model.embeddings.patch_embedding", "conv1"},
         {"vision_model.embeddings.position_embedding.weight", "positional_embedding"},
         {"vision_model.pre_layrnorm", "ln_pre"},
         {"vision_model.post_layernorm", "ln_post"},
         {"visual_projection.weight", "proj"},
         {"vision_model.encoder.layers", "transformer.resblocks"}},
        "visual."));
    for (const auto* name : {"text_projection", "visual.proj"})
      tensors.at(name) = tensors.at(name).t();
    tensors["logit_scale"] = at::tensor(4.6f);
    write("ViT-L-14.pt", tensors);
  }

  static torch_bytes::Record record(const std::string& name, const std::string& data) {
    torch_bytes::Record result;
    result.name = "archive/" + name;
    result.data = data;
    return result;
  }
  static std::string of_tensor(const at::Tensor& tensor, size_t key) {
    return torch_bytes::tensor(torch_bytes::storage(tensor.numel(), std::to_string(key)), 0,
                               tensor.sizes().vec(), tensor.contiguous().strides().vec());
  }
  static void add(torch_bytes::Archive& archive, const at::Tensor& tensor) {
    const auto values = tensor.to(at::kFloat).contiguous();
    archive.records.push_back(
        record("data/" + std::to_string(archive.records.size() - 1),
               {static_cast<const char*>(values.const_data_ptr()), values.nbytes()}));
  }

  void write(const std::string& name, const Tensors& tensors) const {
    using namespace torch_bytes;
    Archive archive;
    archive.records.push_back(record("data.pkl", ""));
    Pairs pairs;
    for (const auto& [key, tensor] : tensors) {
      pairs.emplace_back(key, of_tensor(tensor, pairs.size()));
      add(archive, tensor);
    }
    archive.records[0].data = program(dict({{"epoch", integer(7)}, {"state_dict", dict(pairs)}}));
    write_text(to_ / name, zip(archive));
  }

  std::filesystem::path hub_, to_;
};

}  // namespace unclip::testing
