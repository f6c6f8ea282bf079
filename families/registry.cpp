#include "families/registry.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "base/config.h"

// Every family, a line each.
namespace unclip::karlo {
const Family& family();
}

namespace unclip {
namespace {

std::vector<const Family*>& all_families() {
  static std::vector<const Family*> all = {&karlo::family()};
  return all;
}

/// Specs of all families, each name once, in the order of the first family that has it.
template <class Spec>
std::vector<Spec> without_doubles(std::vector<Spec> ModelLayout::*specs) {
  std::vector<Spec> all;
  for (const auto* family : families()) {
    for (const auto& spec : family->layout.*specs) {
      const bool known = std::any_of(all.begin(), all.end(),
                                     [&](const Spec& other) { return other.name == spec.name; });
      if (!known) all.push_back(spec);
    }
  }
  return all;
}

}  // namespace

const std::vector<const Family*>& families() { return all_families(); }

void add_family(const Family& family) { all_families().push_back(&family); }

std::vector<StageSpec> all_stages() {
  auto all = without_doubles(&ModelLayout::stages);
  for (auto& stage : all) {
    for (const auto* family : families()) {
      const auto* spec = family->layout.stage(stage.name);
      if (spec != nullptr && spec->guided() && !stage.guided()) {
        stage.guidance_help = spec->guidance_help;
      }
    }
  }
  return all;
}
std::vector<PartSpec> all_parts() { return without_doubles(&ModelLayout::parts); }

ModelDir open_model_dir(const std::filesystem::path& dir,
                        const std::map<std::string, std::filesystem::path>& borrowed) {
  const auto index = read_model_index(dir);
  const auto found = index.require<std::string>("_class_name");
  std::string expected;
  for (const auto* family : families()) {
    for (const auto& name : family->layout.classes) {
      if (name == found) return ModelDir::open(dir, family->layout, borrowed);
      expected.append(expected.empty() ? "\"" : " or \"").append(name).append("\"");
    }
  }
  index.fail_value("_class_name", expected);
}

const Family& family_of(const ModelDir& folder) {
  for (const auto* family : families()) {
    if (&family->layout == &folder.layout()) return *family;
  }
  TORCH_CHECK(false, "no family has the layout ", folder.layout().name);
}

}  // namespace unclip
