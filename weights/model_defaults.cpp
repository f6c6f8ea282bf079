#include "weights/model_defaults.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/config.h"
#include "base/hub_path.h"
#include "base/presence.h"
#include "weights/tensor_entry.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

// OWNER/NAME for a snapshot in the hub's cache, otherwise the folder's own name.
std::string model_name(const fs::path& dir) {
  auto normal = fs::absolute(dir).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();
  if (normal.parent_path().filename() == "snapshots") {
    if (const auto repository = hub_repository(normal)) return *repository;
  }
  return normal.filename().string();
}

double guidance(const Config& config, const std::string& key, double otherwise) {
  const auto scale = config.value_or<double>(key, otherwise);
  if (!std::isfinite(scale) || scale < 0) config.fail_value(key, "a finite number, 0 or more");
  return scale;
}

/// "a, b and c"
std::string listed_in_words(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    text.append(i == 0 ? "" : i + 1 == words.size() ? " and " : ", ").append(words[i]);
  }
  return text;
}

std::vector<std::string> default_keys(const std::vector<StageSpec>& stages) {
  std::vector<std::string> keys = {"name"};
  for (const auto& stage : stages) keys.push_back(stage.key() + "_steps");
  for (const auto& stage : stages) {
    if (stage.guided()) keys.push_back(stage.key() + "_guidance");
  }
  keys.insert(keys.end(), {"mix_guidance", "known_words", "judge"});
  return keys;
}

}  // namespace

ModelDefaults ModelDefaults::read(const fs::path& model_dir, const ModelLayout& layout) {
  ModelDefaults d{.name = model_name(model_dir), .stages = layout.stages};
  const auto path = model_dir / "unclip.json";
  const auto config = is_there(path) ? Config::read(path) : Config::parse("{}", path.string());
  const auto known = default_keys(d.stages);
  for (const auto& key : config.keys()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    fail(path, ": expected the keys ", listed_in_words(known), ", got '", shown(key), "'");
  }
  d.name = config.value_or<std::string>("name", d.name);
  for (auto& stage : d.stages) {
    stage.steps =
        config.integer(stage.key() + "_steps", stage.steps, 1, std::numeric_limits<int32_t>::max());
  }
  std::optional<double> of_decoder;
  for (auto& stage : d.stages) {
    if (!stage.guided()) continue;
    stage.guidance = guidance(config, stage.key() + "_guidance", stage.guidance);
    if (stage.half == Half::kDecoder && !of_decoder) of_decoder = stage.guidance;
  }
  d.mix_guidance = guidance(config, "mix_guidance", of_decoder.value_or(1));
  d.known_words = config.value_or<std::vector<std::string>>("known_words", {});
  d.judge = config.value_or<std::string>("judge", "");
  if (!d.judge.empty() && d.judge != "toybox") config.fail_value("judge", "\"toybox\"");
  return d;
}

const StageSpec* ModelDefaults::stage(const std::string& name) const {
  return find_stage(stages, name);
}

}  // namespace unclip
