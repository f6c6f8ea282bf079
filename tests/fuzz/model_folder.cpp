#include "tests/fuzz/target.h"
#include "tests/weights/files.h"
#include "weights/model_dir.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(model_folder) {
  // model_index.json, a zero byte, unclip.json.
  static const testing::TemporaryFolder folder;
  const auto zero = std::min(bytes.find('\0'), bytes.size());
  testing::write_text(folder / "model_index.json", bytes.substr(0, zero));
  testing::write_text(folder / "unclip.json", bytes.substr(std::min(zero + 1, bytes.size())));
  const auto model = ModelDir::open(folder.path());
  fuzz::expect(model.defaults().decoder_steps > 0, "a step at least");
}

}  // namespace unclip
