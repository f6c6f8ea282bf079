#include "weights/model_dir.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/hub_path.h"
#include "base/join.h"
#include "base/presence.h"
#include "weights/companion.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

const std::string kIndex = "model_index.json";

std::string known_parts(const ModelLayout& layout) {
  std::vector<std::string> names;
  for (const auto& spec : layout.parts) names.push_back(spec.name);
  return join(names, ", ");
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether the folder contains one of the part's configs, even if that is a link whose target is
/// missing.
bool lists_config(const fs::path& folder, const PartSpec& spec) {
  return std::any_of(spec.configs.begin(), spec.configs.end(), [&](const auto& file) {
    std::error_code error;
    return fs::exists(fs::symlink_status(folder / file, error));
  });
}

std::string borrowing(const PartSpec& spec) {
  return "`--part " + spec.name + "=DIR` borrows it from another folder";
}

// The class that the config of a part names if the index does not list the part: by diffusers' key,
// or by transformers'. A tokenizer and an old config have neither key; they are assumed to have the
// usual class.
std::string own_class(const fs::path& folder, const PartSpec& spec) {
  if (spec.weights.empty() && spec.configs.size() > 1) return spec.classes[0];
  const auto config = Config::read(folder / spec.configs[0], Config::RepeatedKeys::kLastWins);
  if (config.has("_class_name")) return config.require<std::string>("_class_name");
  const auto architectures = config.value_or<std::vector<std::string>>("architectures", {});
  return architectures.empty() ? spec.classes[0] : architectures[0];
}

/// Throws Error if the part cannot be used. `source` is the file that names its class.
void check_usable(const ModelPart& part, const fs::path& source) {
  const auto& spec = *part.spec;
  if (!contains(spec.classes, part.class_name)) {
    fail(source, ": '", spec.name, "': expected ", join(spec.classes, " or "), ", got ",
         shown(part.class_name), ", which is not implemented");
  }
  if (!is_there(part.folder) || !is_folder(part.folder)) {
    fail(part.folder, ": expected a folder, for ", kIndex, " lists it; ", borrowing(spec),
         incomplete_download_hint(part.folder));
  }
  bool has_config = false;
  for (const auto& file : spec.configs) has_config = is_there(part.folder / file) || has_config;
  if (has_config) return;
  fail(part.folder, ": expected ", join(spec.configs, " or "), ", found neither file",
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

// A part that no index lists.
ModelPart unlisted(const PartSpec& spec, const fs::path& folder) {
  ModelPart part{&spec, spec.classes[0], folder, {}};
  try {
    if (lists_config(folder, spec)) part.class_name = own_class(folder, spec);
    part.trouble = find_trouble(part, folder);
  } catch (const Error& error) {
    part.trouble = error.what();
  }
  return part;
}

// "prior": ["diffusers", "PriorTransformer"]; [null, null] means that the folder does not have the
// part.
std::optional<ModelPart> listed(const Config& index, const PartSpec& spec, const fs::path& home) {
  const auto& key = spec.key();
  if (!index.has(key)) return {};
  const auto& value = index.json().at(key);
  const bool pair = value.is_array() && value.size() == 2;
  if (pair && value[0].is_null() && value[1].is_null()) return {};
  if (!pair || !value[0].is_string() || !value[1].is_string()) {
    fail(index.name(), ": '", key, "': expected a list of two strings, library and class, got ",
         value.type_name());
  }
  const auto library = value[0].get<std::string>();
  ModelPart part{&spec, value[1].get<std::string>(), home / key, {}};
  if (!contains(spec.libraries, library)) {
    part.trouble = index.name() + ": '" + key + "': expected the library " +
                   join(spec.libraries, " or ") + ", got " + shown(library);
  } else {
    part.trouble = find_trouble(part, index.name());
  }
  return part;
}

std::string quoted_classes(const std::vector<std::string>& classes) {
  std::vector<std::string> quoted;
  for (const auto& name : classes) quoted.push_back("\"" + name + "\"");
  return join(quoted, " or ");
}

/// Throws Error if the index of a folder lists parts that the layout does not have in that folder.
void check_index(const Config& index, const ModelLayout& layout, const std::string& home) {
  for (const auto& key : index.keys()) {
    const bool known =
        key.starts_with('_') ||
        std::any_of(layout.parts.begin(), layout.parts.end(),
                    [&](const PartSpec& spec) { return spec.home == home && spec.key() == key; });
    if (known) continue;
    fail(index.name(), ": expected parts among ", known_parts(layout), ", got '", shown(key), "'");
  }
}

/// One of a model's folders.
struct Home {
  fs::path folder;
  std::optional<Config> index;  // its model_index.json; absent: `trouble` says why
  std::string trouble;
};
using Homes = std::map<std::string, Home>;  // by PartSpec::home

/// A folder of a model besides the one that was opened. What is wrong with it is the trouble of its
/// parts, for not every task needs them.
Home open_home(const fs::path& folder, const ModelLayout& layout, const std::string& home) {
  const auto* companion = layout.companion(home);
  const auto& classes = companion == nullptr ? layout.classes : companion->classes;
  try {
    const auto index = read_model_index(folder);
    if (!classes.empty() && !contains(classes, index.require<std::string>("_class_name"))) {
      index.fail_value("_class_name", quoted_classes(classes));
    }
    check_index(index, layout, home);
    return {folder, index, {}};
  } catch (const Error& error) {
    return {folder, std::nullopt, error.what()};
  }
}

/// The model's folders that exist.
Homes open_homes(const fs::path& dir, const ModelLayout& layout) {
  const auto own = read_model_index(dir);
  const auto class_name = own.require<std::string>("_class_name");
  if (!layout.has_class(class_name)) {
    own.fail_value("_class_name", quoted_classes(layout.classes));
  }
  Homes homes;
  for (const auto& [home, folder] : find_model_folders(dir, class_name, layout)) {
    if (folder == dir) {
      check_index(own, layout, home);
      homes.emplace(home, Home{folder, own, {}});
    } else {
      homes.emplace(home, open_home(folder, layout, home));
    }
  }
  return homes;
}

/// A part of a model folder; nothing if the folder lacks it.
std::optional<ModelPart> find_part(const Homes& homes, const PartSpec& spec) {
  const auto it = homes.find(spec.home);
  if (it == homes.end()) return {};
  const auto& [folder, index, trouble] = it->second;
  if (!trouble.empty()) return ModelPart{&spec, spec.classes[0], folder / spec.key(), trouble};
  if (auto part = listed(*index, spec, folder)) return part;
  if (lists_config(folder / spec.key(), spec)) return unlisted(spec, folder / spec.key());
  return {};
}

ModelPart borrow(const std::string& name, const fs::path& dir, const ModelLayout& layout) {
  const auto* spec = layout.part(name);
  if (!spec) fail("--part ", name, "=", dir, ": expected a part among ", known_parts(layout));
  if (!is_there(dir) || !is_folder(dir)) {
    fail(dir, ": expected a folder to borrow '", name, "' from, found ",
         is_there(dir) ? "a file" : "nothing");
  }
  if (is_there(dir / kIndex)) {
    const auto part = find_part(open_homes(dir, layout), *spec);
    if (!part) fail(dir, ": has no part '", name, "' to borrow");
    return *part;
  }
  if (lists_config(dir, *spec)) return unlisted(*spec, dir);
  if (lists_config(dir / spec->key(), *spec)) return unlisted(*spec, dir / spec->key());
  fail(dir, ": expected ", spec->configs[0], " or ", kIndex, " to borrow '", name,
       "' from, found neither");
}

}  // namespace

Config read_model_index(const fs::path& dir) {
  if (!is_there(dir)) fail(dir, ": expected a model folder, found nothing");
  if (!is_folder(dir)) fail(dir, ": expected a model folder, found a file");
  if (!is_there(dir / kIndex)) {
    fail(dir, ": expected a model folder, found no ", kIndex, " in it",
         incomplete_download_hint(dir));
  }
  auto index = Config::read(dir / kIndex, Config::RepeatedKeys::kLastWins);
  index.require<std::string>("_class_name");
  return index;
}

Config ModelPart::config() const {
  if (original) return original->config;
  return Config::read(folder / spec->configs[0], Config::RepeatedKeys::kLastWins);
}

Checkpoint ModelPart::weights() const {
  TORCH_CHECK(!spec->weights.empty(), "part ", spec->name, " has no weights");
  return original ? original->open() : Checkpoint::open(folder, spec->weights);
}

std::optional<ModelPart> ModelDir::part_in_folder(const fs::path& folder, const PartSpec& spec) {
  if (!lists_config(folder, spec)) return {};
  return unlisted(spec, folder);
}

ModelDir ModelDir::of_parts(const fs::path& dir, const ModelLayout& layout,
                            const std::string& class_name, std::vector<ModelPart> parts,
                            const std::map<std::string, fs::path>& borrowed) {
  std::map<std::string, ModelPart> found;
  for (auto& part : parts) found.insert_or_assign(part.spec->name, std::move(part));
  for (const auto& [name, from] : borrowed) {
    found.insert_or_assign(name, borrow(name, from, layout));
  }
  ModelDir model;
  model.path_ = dir;
  model.layout_ = &layout;
  model.class_name_ = class_name;
  model.defaults_ = ModelDefaults::read(dir, layout);
  for (const auto& spec : layout.parts) {
    if (const auto it = found.find(spec.name); it != found.end()) {
      model.parts_.push_back(std::move(it->second));
    }
  }
  return model;
}

ModelDir ModelDir::open(const fs::path& dir, const ModelLayout& layout,
                        const std::map<std::string, fs::path>& borrowed) {
  const auto homes = open_homes(dir, layout);
  std::map<std::string, ModelPart> lent;
  for (const auto& [name, from] : borrowed) lent.emplace(name, borrow(name, from, layout));

  ModelDir model;
  model.path_ = dir;
  model.layout_ = &layout;
  const auto own = std::find_if(homes.begin(), homes.end(),
                                [&](const auto& home) { return home.second.folder == dir; });
  model.class_name_ = own->second.index->require<std::string>("_class_name");
  model.defaults_ = ModelDefaults::read(dir, layout);
  for (const auto& spec : layout.parts) {
    if (const auto it = lent.find(spec.name); it != lent.end()) {
      model.parts_.push_back(it->second);
    } else if (auto part = find_part(homes, spec)) {
      model.parts_.push_back(std::move(*part));
    }
  }
  return model;
}

bool ModelDir::has(std::string_view part) const {
  return std::any_of(parts_.begin(), parts_.end(), [&](const auto& found) {
    return found.spec->name == part && found.trouble.empty();
  });
}

const ModelPart& ModelDir::usable(std::string_view name) const {
  const auto* spec = layout_->part(std::string(name));
  TORCH_CHECK(spec, "no part is called ", name);
  const auto it =
      std::find_if(parts_.begin(), parts_.end(), [&](const auto& p) { return p.spec == spec; });
  if (it == parts_.end()) {
    const auto place =
        layout_->companions.empty() ? std::string() : where_to_put(path_, *layout_, spec->home);
    fail(path_, ": has no part '", name, "'; ", place, place.empty() ? "" : "; ", borrowing(*spec),
         incomplete_download_hint(path_));
  }
  if (!it->trouble.empty()) fail(it->trouble);
  return *it;
}

fs::path ModelDir::folder(std::string_view part) const { return usable(part).folder; }

Config ModelDir::config(std::string_view part) const { return usable(part).config(); }

Checkpoint ModelDir::weights(std::string_view part) const { return usable(part).weights(); }

}  // namespace unclip
