#include "weights/model_dir.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/hub_path.h"
#include "base/presence.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

const std::string kIndex = "model_index.json";

const PartKind* find_kind(std::string_view name) {
  const auto& kinds = part_kinds();
  const auto it =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.name == name; });
  return it == kinds.end() ? nullptr : &*it;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string known_parts() {
  std::vector<std::string> names;
  for (const auto& kind : part_kinds()) names.push_back(kind.name);
  return joined(names, ", ");
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether the folder lists one of the part's configs, be it a link to a file that is missing.
bool lists_config(const fs::path& folder, const PartKind& kind) {
  return std::any_of(kind.configs.begin(), kind.configs.end(), [&](const auto& file) {
    std::error_code error;
    return fs::exists(fs::symlink_status(folder / file, error));
  });
}

std::string borrowing(const PartKind& kind) {
  return "`--part " + kind.name + "=DIR` borrows it from another folder";
}

// The class that a part without an entry in the index gives itself: diffusers' key, else
// transformers'. A tokenizer and an old config have neither, and are taken for what they should be.
std::string own_class(const fs::path& folder, const PartKind& kind) {
  if (kind.weights.empty() && kind.configs.size() > 1) return kind.classes[0];
  const auto config = Config::read(folder / kind.configs[0]);
  if (config.has("_class_name")) return config.require<std::string>("_class_name");
  const auto architectures = config.value_or<std::vector<std::string>>("architectures", {});
  return architectures.empty() ? kind.classes[0] : architectures[0];
}

/// Throws Error if the part cannot be used. `source` is the file that names its class.
void check_usable(const ModelPart& part, const fs::path& source) {
  const auto& kind = *part.kind;
  if (!contains(kind.classes, part.class_name)) {
    fail(source, ": '", kind.name, "': expected ", joined(kind.classes, " or "), ", got ",
         shown(part.class_name), ", which is not implemented");
  }
  if (!is_there(part.folder) || !is_folder(part.folder)) {
    fail(part.folder, ": expected a folder, for ", kIndex, " lists it; ", borrowing(kind),
         incomplete_download_hint(part.folder));
  }
  bool has_config = false;
  for (const auto& file : kind.configs) has_config = is_there(part.folder / file) || has_config;
  if (has_config) return;
  fail(part.folder, ": expected ", joined(kind.configs, " or "), ", found neither file",
       incomplete_download_hint(part.folder));
}

std::string find_trouble(const ModelPart& part, const fs::path& source) {
  try {
    check_usable(part, source);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

// A part that no index describes.
ModelPart unlisted(const PartKind& kind, const fs::path& folder) {
  ModelPart part{&kind, kind.classes[0], folder, {}};
  try {
    if (lists_config(folder, kind)) part.class_name = own_class(folder, kind);
    part.trouble = find_trouble(part, folder);
  } catch (const Error& error) {
    part.trouble = error.what();
  }
  return part;
}

// "prior": ["diffusers", "PriorTransformer"]; [null, null] is a part that the folder does not have.
std::optional<ModelPart> listed(const Config& index, const PartKind& kind, const fs::path& dir) {
  if (!index.has(kind.name)) return {};
  const auto& value = index.json().at(kind.name);
  const bool pair = value.is_array() && value.size() == 2;
  if (pair && value[0].is_null() && value[1].is_null()) return {};
  if (!pair || !value[0].is_string() || !value[1].is_string()) {
    fail(index.name(), ": '", kind.name,
         "': expected a list of two strings, library and class, got ", value.type_name());
  }
  const auto library = value[0].get<std::string>();
  ModelPart part{&kind, value[1].get<std::string>(), dir / kind.name, {}};
  if (!contains(kind.libraries, library)) {
    part.trouble = index.name() + ": '" + kind.name + "': expected the library " +
                   joined(kind.libraries, " or ") + ", got " + shown(library);
  } else {
    part.trouble = find_trouble(part, index.name());
  }
  return part;
}

Config read_index(const fs::path& dir) {
  if (!is_there(dir)) fail(dir, ": expected a model folder, found nothing");
  if (!is_folder(dir)) fail(dir, ": expected a model folder, found a file");
  if (!is_there(dir / kIndex)) {
    fail(dir, ": expected a model folder, found no ", kIndex, " in it",
         incomplete_download_hint(dir));
  }
  auto index = Config::read(dir / kIndex);
  const auto pipeline = index.require<std::string>("_class_name");
  if (pipeline != "UnCLIPPipeline" && pipeline != "UnCLIPImageVariationPipeline") {
    index.fail_value("_class_name", "\"UnCLIPPipeline\" or \"UnCLIPImageVariationPipeline\"");
  }
  for (const auto& key : index.keys()) {
    if (key.starts_with('_') || find_kind(key)) continue;
    fail(index.name(), ": expected parts among ", known_parts(), ", got '", shown(key), "'");
  }
  return index;
}

ModelPart borrow(const std::string& name, const fs::path& dir) {
  const auto* kind = find_kind(name);
  if (!kind) fail("--part ", name, "=", dir, ": expected a part among ", known_parts());
  if (!is_there(dir) || !is_folder(dir)) {
    fail(dir, ": expected a folder to borrow '", name, "' from, found ",
         is_there(dir) ? "a file" : "nothing");
  }
  if (is_there(dir / kIndex)) {
    const auto parts = ModelDir::open(dir).parts();
    const auto it =
        std::find_if(parts.begin(), parts.end(), [&](const auto& p) { return p.kind == kind; });
    if (it == parts.end()) fail(dir, ": has no part '", name, "' to borrow");
    return *it;
  }
  if (lists_config(dir, *kind)) return unlisted(*kind, dir);
  if (lists_config(dir / name, *kind)) return unlisted(*kind, dir / name);
  fail(dir, ": expected ", kind->configs[0], " or ", kIndex, " to borrow '", name,
       "' from, found neither");
}

}  // namespace

const std::vector<PartKind>& part_kinds() {
  static const std::vector<std::string> scheduler = {"scheduler_config.json"};
  // Those of published_classes() that walk to a sample.
  static const std::vector<std::string> samplers = {"UnCLIPScheduler",
                                                    "DDPMScheduler",
                                                    "DDIMScheduler",
                                                    "EulerDiscreteScheduler",
                                                    "EulerAncestralDiscreteScheduler",
                                                    "HeunDiscreteScheduler",
                                                    "LMSDiscreteScheduler",
                                                    "PNDMScheduler",
                                                    "DPMSolverMultistepScheduler",
                                                    "DPMSolverSinglestepScheduler",
                                                    "UniPCMultistepScheduler",
                                                    "DEISMultistepScheduler",
                                                    "SASolverScheduler",
                                                    "LCMScheduler"};
  static const std::vector<std::string> config = {"config.json"};
  static const std::string diffusion = "diffusion_pytorch_model";
  static const std::vector<PartKind> kinds = {
      {"tokenizer",
       {"CLIPTokenizer", "CLIPTokenizerFast"},
       {"transformers"},
       {"tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json",
        "special_tokens_map.json", "tokenizer_config.json"},
       ""},
      {"text_encoder", {"CLIPTextModelWithProjection"}, {"transformers"}, config, "model"},
      {"feature_extractor",
       {"CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPImageProcessorPil",
        "CLIPFeatureExtractor"},
       {"transformers"},
       {"preprocessor_config.json"},
       ""},
      {"image_encoder", {"CLIPVisionModelWithProjection"}, {"transformers"}, config, "model"},
      {"prior", {"PriorTransformer"}, {"diffusers"}, config, diffusion},
      // Published folders have the first two spellings; current releases of diffusers load only the
      // third.
      {"text_proj",
       {"UnCLIPTextProjModel"},
       {"unclip", "diffusers", "diffusers.pipelines.deprecated.unclip.text_proj"},
       config,
       diffusion},
      {"decoder", {"UNet2DConditionModel"}, {"diffusers"}, config, diffusion},
      {"super_res_first", {"UNet2DModel"}, {"diffusers"}, config, diffusion},
      {"super_res_last", {"UNet2DModel"}, {"diffusers"}, config, diffusion},
      {"prior_scheduler", samplers, {"diffusers"}, scheduler, ""},
      {"decoder_scheduler", samplers, {"diffusers"}, scheduler, ""},
      {"super_res_scheduler", samplers, {"diffusers"}, scheduler, ""},
  };
  return kinds;
}

ModelDir ModelDir::open(const fs::path& dir, const std::map<std::string, fs::path>& borrowed) {
  const auto index = read_index(dir);
  std::map<std::string, ModelPart> lent;
  for (const auto& [name, from] : borrowed) lent.emplace(name, borrow(name, from));

  ModelDir model;
  model.path_ = dir;
  model.defaults_ = ModelDefaults::read(dir);
  for (const auto& kind : part_kinds()) {
    if (const auto it = lent.find(kind.name); it != lent.end()) {
      model.parts_.push_back(it->second);
    } else if (auto part = listed(index, kind, dir)) {
      model.parts_.push_back(std::move(*part));
    } else if (lists_config(dir / kind.name, kind)) {
      model.parts_.push_back(unlisted(kind, dir / kind.name));
    }
  }
  return model;
}

bool ModelDir::has(std::string_view part) const {
  return std::any_of(parts_.begin(), parts_.end(), [&](const auto& found) {
    return found.kind->name == part && found.trouble.empty();
  });
}

const ModelPart& ModelDir::usable(std::string_view name) const {
  const auto* kind = find_kind(name);
  TORCH_CHECK(kind, "no part is called ", name);
  const auto it =
      std::find_if(parts_.begin(), parts_.end(), [&](const auto& p) { return p.kind == kind; });
  if (it == parts_.end()) {
    fail(path_, ": has no part '", name, "'; ", borrowing(*kind), incomplete_download_hint(path_));
  }
  if (!it->trouble.empty()) fail(it->trouble);
  return *it;
}

fs::path ModelDir::folder(std::string_view part) const { return usable(part).folder; }

Config ModelDir::config(std::string_view part) const {
  const auto& found = usable(part);
  return Config::read(found.folder / found.kind->configs[0]);
}

Checkpoint ModelDir::weights(std::string_view part) const {
  const auto& found = usable(part);
  TORCH_CHECK(!found.kind->weights.empty(), "part ", part, " has no weights");
  return Checkpoint::open(found.folder, found.kind->weights);
}

}  // namespace unclip
