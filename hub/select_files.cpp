#include "hub/select_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/front_matter.h"
#include "base/join.h"
#include "weights/hub_cache.h"
#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

/// The names that the weights of a part may have, the preferred one first; an index ends in .json.
std::vector<std::string> weight_names(const std::string& stem, bool fp16) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& base, const std::string& extension, bool half) {
    names.push_back(base + (half ? ".fp16" : "") + extension);
    names.push_back(base + extension + ".index" + (half ? ".fp16" : "") + ".json");
  };
  for (const bool half : {fp16, !fp16}) add(stem, ".safetensors", half);
  for (const bool half : {fp16, !fp16}) {
    add(stem == "model" ? "pytorch_model" : stem, ".bin", half);  // transformers' name
  }
  return names;
}

/// Chooses the files of one folder.
class Selector {
 public:
  Selector(const ModelFolder& folder, const ReadFile& read) : folder_(folder), read_(read) {}

  /// Adds the file if the folder has it.
  bool add(const std::string& name) {
    const auto path = folder_.prefix + name;
    const auto it = folder_.files.find(path);
    if (it == folder_.files.end()) return false;
    if (added_.insert(path).second) files_.push_back({path, it->second});
    return true;
  }

  void add_part(const PartSpec& spec, bool fp16) {
    bool has_config = false;
    for (const auto& config : spec.configs) {
      has_config = add(spec.key() + "/" + config) || has_config;
    }
    if (!has_config && !is_listed(spec)) return;
    if (!has_config) {
      fail(folder_.repository, ": expected ", folder_.prefix, spec.key(), "/",
           join(spec.configs, " or "), ", for model_index.json lists '", spec.key(),
           "', found no such file");
    }
    if (!spec.weights.empty()) add_weights(spec, fp16);
  }

  std::vector<ListedFile> files() const { return files_; }

 private:
  /// Whether model_index.json lists the part: not as [null, null].
  bool is_listed(const PartSpec& spec) const {
    if (!folder_.index.has(spec.key())) return false;
    const auto& value = folder_.index.json().at(spec.key());
    return !(value.is_array() && std::all_of(value.begin(), value.end(),
                                             [](const auto& item) { return item.is_null(); }));
  }

  void add_weights(const PartSpec& spec, bool fp16) {
    const auto names = weight_names(spec.weights, fp16);
    for (const auto& name : names) {
      const auto path = spec.key() + "/" + name;
      if (!add(path)) continue;
      if (name.ends_with(".json")) add_shards(spec, path);
      return;
    }
    fail(folder_.repository, ": expected ", folder_.prefix, spec.key(), "/", names.front(),
         ", found no weights there");
  }

  void add_shards(const PartSpec& spec, const std::string& index) {
    const auto path = folder_.prefix + index;
    const auto name = folder_.repository + ": " + path;
    for (const auto& shard : shard_names(read_({path, folder_.files.at(path)}), name)) {
      if (add(spec.key() + "/" + shard)) continue;
      fail(name, ": names the shard '", shown(shard), "', which the repository lacks");
    }
  }

  const ModelFolder& folder_;
  const ReadFile& read_;
  std::vector<ListedFile> files_;
  std::set<std::string> added_;
};

/// The engine refuses such a folder: say so before it is downloaded.
void expect_known_parts(const ModelFolder& folder, const ModelLayout& layout) {
  for (const auto& key : folder.index.keys()) {
    const bool known =
        key.starts_with('_') ||
        std::any_of(layout.parts.begin(), layout.parts.end(), [&](const PartSpec& spec) {
          return spec.home == folder.home && spec.key() == key;
        });
    if (known) continue;
    fail(folder.index.name(), ": expected the parts of a ", layout.name, " model, got '",
         shown(key), "'");
  }
}

}  // namespace

std::vector<ListedFile> select_files(const ModelFolder& folder, const ModelLayout& layout,
                                     bool fp16, const ReadFile& read) {
  expect_known_parts(folder, layout);
  Selector selector(folder, read);
  selector.add("model_index.json");
  if (folder.home.empty()) {
    selector.add("unclip.json");
    if (!layout.companions.empty()) selector.add("README.md");
  }
  for (const auto& spec : layout.parts) {
    if (spec.home == folder.home) selector.add_part(spec, fp16);
  }
  return selector.files();
}

bool has_fp16(const std::vector<ListedFile>& files) {
  return std::any_of(files.begin(), files.end(), [](const ListedFile& file) {
    return file.path.find(".fp16.") != file.path.npos;
  });
}

std::vector<Companion> find_companions(const ModelFolder& folder, const ModelLayout& layout,
                                       const ReadFile& read) {
  std::vector<Companion> companions;
  for (const auto& spec : layout.companions) {
    if (folder.files.contains(spec.name + "/model_index.json")) continue;
    const auto readme = folder.files.find("README.md");
    const auto name = folder.repository + ": README.md";
    std::vector<std::string> values;
    if (!spec.readme_key.empty() && readme != folder.files.end()) {
      values = front_matter_values(read({"README.md", readme->second}), spec.readme_key);
    }
    const auto found = values.empty() ? spec.repository : values.front();
    if (readme == folder.files.end() && found.empty()) {
      fail(name, ": expected this file, which names '", spec.readme_key, "'");
    }
    const auto parsed = HubName::parse(found);
    if (!parsed || parsed->repository != found) {
      fail(name, ": '", spec.readme_key, "': expected OWNER/NAME of a repository, got '",
           shown(found), "'");
    }
    companions.push_back({spec.name, found});
  }
  return companions;
}

std::vector<std::string> shard_names(std::string_view json, const std::string& name) {
  const auto index = Config::parse(json, name);
  const auto map = index.has("weight_map") ? index.json().at("weight_map") : nlohmann::json();
  if (!map.is_object()) fail(name, ": 'weight_map': expected an object, got ", map.type_name());
  std::set<std::string> names;
  for (const auto& [tensor, shard] : map.items()) {
    const auto text = shard.is_string() ? shard.get<std::string>() : std::string();
    const bool weights = text.ends_with(".safetensors") || text.ends_with(".bin");
    if (!weights || text.starts_with('.') || text.find('/') != text.npos || !is_plain_path(text)) {
      fail(name, ": tensor '", shown(tensor),
           "': expected the name of a .safetensors or .bin file in the same folder, got '",
           shown(text), "'");
    }
    names.insert(text);
  }
  return {names.begin(), names.end()};
}

}  // namespace unclip::hub
