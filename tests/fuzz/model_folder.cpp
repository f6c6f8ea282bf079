#include "families/registry.h"
#include "tests/fuzz/target.h"
#include "tests/weights/files.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(model_folder) {
  // model_index.json, a zero byte, unclip.json.
  static const testing::TemporaryFolder folder;
  const auto zero = std::min(bytes.find('\0'), bytes.size());
  testing::write_text(folder / "model_index.json", bytes.substr(0, zero));
  testing::write_text(folder / "unclip.json", bytes.substr(std::min(zero + 1, bytes.size())));
  const auto model = open_model_dir(folder.path());
  for (const auto& stage : model.defaults().stages)
    fuzz::expect(stage.steps > 0, "a step at least");
}

}  // namespace unclip
