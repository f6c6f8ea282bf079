#include "families/karlo/original.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "families/karlo/original_configs.h"
#include "pipeline/family.h"
#include "weights/layouts/original_names.h"
#include "weights/torch_file.h"

namespace unclip::karlo {

const Family& family();

namespace {

namespace fs = std::filesystem;

/// The files of one folder by what they hold; empty paths for what there is none of.
struct OriginalFiles {
  fs::path prior, statistics, decoder, super_resolution, clip;

  bool are_karlos() const {
    return !prior.empty() || !decoder.empty() || !super_resolution.empty();
  }
};

bool is_statistics(const TensorFile& file) {
  return file.entries().size() == 2 && file.find("0") != nullptr && file.find("1") != nullptr;
}

/// The place in `files` of what the file holds; null if that is nothing of Karlo's.
fs::path* place_of(const TensorFile& file, OriginalFiles& files) {
  const auto has = [&](const char* name) { return file.find(name) != nullptr; };
  if (has("model.cf_param") && has("model.clip_tok_proj.weight")) return &files.decoder;
  if (has("model.prd_emb") && has("model.out_proj.weight")) return &files.prior;
  if (has("model_first_steps.time_embed.0.weight")) return &files.super_resolution;
  if (has("text_projection") && has("token_embedding.weight")) return &files.clip;
  return is_statistics(file) ? &files.statistics : nullptr;
}

/// The folder's files of weights, in the order of their names.
std::vector<fs::path> weight_files(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(dir, error)) {
    const auto& path = entry.path();
    std::error_code ignored;
    const bool named = is_torch_name(path) || path.extension() == ".safetensors";
    if (named && fs::is_regular_file(path, ignored)) files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Null if the file cannot be read; then `error` gets the message, unless it has one.
std::shared_ptr<const TensorFile> open_if_readable(const fs::path& path, std::string& error) {
  try {
    return TensorFile::open(path);
  } catch (const Error& caught) {
    if (error.empty()) error = caught.what();
    return nullptr;
  }
}

OriginalFiles recognise(const fs::path& dir) {
  OriginalFiles files;
  std::string unreadable;
  for (const auto& path : weight_files(dir)) {
    const auto file = open_if_readable(path, unreadable);
    auto* place = file ? place_of(*file, files) : nullptr;
    if (place == nullptr) continue;
    if (!place->empty()) {
      fail(dir, ": expected one file of each kind, found ", shown(place->filename().string()),
           " and ", shown(path.filename().string()), ", which hold the same part");
    }
    *place = path;
  }
  if (files.are_karlos() && !unreadable.empty()) fail(unreadable);
  return files;
}

const std::vector<LayerName> kTextProjectionLayers = {
    {"cf_param", {{"learned_classifier_free_guidance_embeddings"}}},
    {"clip_emb", {{"clip_image_embeddings_project_to_time_embeddings"}}},
    {"text_feat_proj", {{"embedding_proj"}}},
    {"clip_tok_proj", {{"clip_extra_context_tokens_proj"}}},
    {"text_seq_proj.0", {{"encoder_hidden_states_proj"}}},
    {"text_seq_proj.1", {{"text_encoder_hidden_states_norm"}}},
};

/// The part's tensors of one file.
Checkpoint rearranged_file(const fs::path& path, const Layout& layout, int64_t head_width = 1) {
  return Checkpoint::of_tensors(path.string(),
                                rearranged(TensorFile::open(path), layout, head_width));
}

Checkpoint open_prior(const OriginalFiles& files, int64_t head_width) {
  auto tensors = rearranged(
      TensorFile::open(files.prior),
      [](std::string_view name) -> std::optional<NewPlace> {
        if (!take_prefix(name, "model.")) return NewPlace{{std::string(name)}};
        return original_prior_place(name);
      },
      head_width);
  if (!files.statistics.empty()) {
    for (auto& tensor : rearranged(TensorFile::open(files.statistics), original_statistics_place)) {
      tensors.push_back(std::move(tensor));
    }
  }
  return Checkpoint::of_tensors(files.prior.string(), std::move(tensors));
}

/// The tensors of a U-Net; those of the text projection are skipped.
Checkpoint open_unet(const fs::path& path, const std::string& prefix, int64_t layers_per_block,
                     int64_t head_width) {
  return rearranged_file(
      path,
      [=](std::string_view name) -> std::optional<NewPlace> {
        if (!take_prefix(name, prefix)) return {};
        if (find_layer(kTextProjectionLayers, name)) return {};
        return original_unet_place(name, layers_per_block);
      },
      head_width);
}

std::optional<NewPlace> text_projection_place(std::string_view name) {
  if (!take_prefix(name, "model.")) return {};
  return find_layer(kTextProjectionLayers, name);
}

/// How the weights of a part are opened; empty if the files do not hold the part.
std::function<Checkpoint()> opener(const std::string& part, const OriginalFiles& files,
                                   const Config& config) {
  const auto head_width = config.integer("attention_head_dim", 64, 1, 1 << 16);
  const auto layers = config.integer("layers_per_block", 2, 1, 1 << 10);
  const auto unet = [&](const fs::path& path, const char* prefix) -> std::function<Checkpoint()> {
    if (path.empty()) return {};
    return [=] { return open_unet(path, prefix, layers, head_width); };
  };
  if (part == "decoder") return unet(files.decoder, "model.");
  if (part == "super_res_first") return unet(files.super_resolution, "model_first_steps.");
  if (part == "super_res_last") return unet(files.super_resolution, "model_last_step.");
  if (part == "prior" && !files.prior.empty()) {
    return [=] { return open_prior(files, head_width); };
  }
  if (part == "text_proj" && !files.decoder.empty()) {
    return [=] { return rearranged_file(files.decoder, text_projection_place); };
  }
  if (part == "text_encoder" && !files.clip.empty()) {
    return [=] { return rearranged_file(files.clip, original_clip_text_place); };
  }
  if (part == "image_encoder" && !files.clip.empty()) {
    return [=] { return rearranged_file(files.clip, original_clip_image_place); };
  }
  return {};
}

/// A part of the folder; nothing if it holds none.
std::optional<ModelPart> original_part(const PartSpec& spec, const OriginalFiles& files,
                                       const fs::path& dir) {
  const auto accompanying = ModelDir::part_in_folder(dir / spec.key(), spec);
  const auto published = original_config(spec.name);
  // A tokenizer, or a part of the hubs' form beside the files.
  if (spec.weights.empty() && (accompanying || published.empty())) return accompanying;
  const auto config = accompanying
                          ? Config::read(dir / spec.key() / spec.configs[0])
                          : Config::parse(published, "Karlo's published config of " + spec.name);
  auto open = opener(spec.name, files, config);
  if (!spec.weights.empty() && !open) return accompanying;
  if (spec.name == "feature_extractor" && files.clip.empty()) return {};
  ModelPart part{&spec, spec.classes[0], dir, {}};
  part.original = std::make_shared<const OriginalPart>(OriginalPart{config, std::move(open)});
  return part;
}

}  // namespace

std::optional<ModelDir> open_original(const fs::path& dir,
                                      const std::map<std::string, fs::path>& borrowed) {
  const auto files = recognise(dir);
  if (!files.are_karlos()) return {};
  const auto& layout = family().layout;
  std::vector<ModelPart> parts;
  for (const auto& spec : layout.parts) {
    if (auto part = original_part(spec, files, dir)) parts.push_back(std::move(*part));
  }
  return ModelDir::of_parts(dir, layout, layout.classes[files.prior.empty() ? 1 : 0],
                            std::move(parts), borrowed);
}

}  // namespace unclip::karlo
