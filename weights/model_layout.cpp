#include "weights/model_layout.h"

#include <c10/util/Exception.h>

#include <algorithm>

namespace unclip {
namespace {

template <class Spec>
const Spec* find_spec(const std::vector<Spec>& specs, const std::string& name) {
  const auto it =
      std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == name; });
  return it == specs.end() ? nullptr : &*it;
}

bool is_among(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string stage_key(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string StageSpec::key() const { return stage_key(name); }

const PartSpec* ModelLayout::part(const std::string& part) const { return find_spec(parts, part); }

const StageSpec* find_stage(const std::vector<StageSpec>& stages, const std::string& name) {
  return find_spec(stages, name);
}

const StageSpec& decoder_stage(const std::vector<StageSpec>& stages) {
  const auto it = std::find_if(stages.begin(), stages.end(),
                               [](const auto& stage) { return stage.half == Half::kDecoder; });
  TORCH_CHECK(it != stages.end(), "there is no stage that reads z");
  return *it;
}

std::vector<std::string> stage_names(const std::vector<StageSpec>& stages) {
  std::vector<std::string> names;
  for (const auto& stage : stages) names.push_back(stage.name);
  return names;
}

bool ModelLayout::has_class(const std::string& name) const {
  return is_among(classes, name) || !home_of_class(name).empty();
}

std::string ModelLayout::home_of_class(const std::string& name) const {
  for (const auto& companion : companions) {
    if (is_among(companion.classes, name)) return companion.name;
  }
  return {};
}

const CompanionSpec* ModelLayout::companion(const std::string& name) const {
  return find_spec(companions, name);
}

const StageSpec* ModelLayout::stage(const std::string& stage) const {
  return find_spec(stages, stage);
}

}  // namespace unclip
