#include "tests/fuzz/target.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(weights_index) {
  static const testing::TemporaryFolder folder;
  testing::write_text(
      folder / "a.safetensors",
      testing::safetensors_bytes(R"({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})",
                                 "0000"));
  testing::write_text(folder / "model.safetensors.index.json", bytes);
  const auto file = Checkpoint::open(folder / "model.safetensors.index.json");
  fuzz::expect(file.names().size() == 1, "what the shard holds");
}

}  // namespace unclip
