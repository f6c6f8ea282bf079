#include "families/registry.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "base/config.h"
#include "base/join.h"
#include "base/presence.h"

// Every family, a line each.
namespace unclip::karlo {
const Family& family();
}
namespace unclip::kandinsky22 {
const Family& family();
}

namespace unclip {
namespace {

std::vector<const Family*>& all_families() {
  static std::vector<const Family*> all = {&karlo::family(), &kandinsky22::family()};
  return all;
}

}  // namespace

const std::vector<const Family*>& families() { return all_families(); }

void add_family(const Family& family) { all_families().push_back(&family); }

std::vector<StageSpec> all_stages() {
  std::vector<StageSpec> all;
  for (const auto* family : families()) {
    for (const auto& spec : family->layout.stages) {
      const auto known = std::find_if(all.begin(), all.end(),
                                      [&](const auto& stage) { return stage.name == spec.name; });
      if (known == all.end()) {
        all.push_back(spec);
      } else if (!known->guided()) {
        known->guidance_help = spec.guidance_help;
      }
    }
  }
  return all;
}

ModelDir open_model_dir(const std::filesystem::path& dir,
                        const std::map<std::string, std::filesystem::path>& borrowed) {
  if (is_there(dir) && is_folder(dir) && !is_there(dir / "model_index.json")) {
    for (const auto* family : families()) {
      if (family->open_original == nullptr) continue;
      if (auto model = family->open_original(dir, borrowed)) return std::move(*model);
    }
  }
  const auto index = read_model_index(dir);
  const auto found = index.require<std::string>("_class_name");
  std::vector<std::string> expected;
  for (const auto* family : families()) {
    const auto& layout = family->layout;
    if (layout.has_class(found)) return ModelDir::open(dir, layout, borrowed);
    for (const auto& name : layout.classes) expected.push_back("\"" + name + "\"");
    for (const auto& companion : layout.companions) {
      for (const auto& name : companion.classes) expected.push_back("\"" + name + "\"");
    }
  }
  index.fail_value("_class_name", join(expected, " or "));
}

const Family& family_of(const ModelDir& folder) {
  for (const auto* family : families()) {
    if (&family->layout == &folder.layout()) return *family;
  }
  TORCH_CHECK(false, "no family has the layout ", folder.layout().name);
}

}  // namespace unclip
