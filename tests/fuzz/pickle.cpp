#include <ATen/core/Tensor.h>

#include "tests/fuzz/read_tensors.h"
#include "tests/fuzz/target.h"
#include "tests/support/torch_bytes.h"

namespace unclip {

// The program of an archive that has two storages.
UNCLIP_FUZZ_TARGET(pickle) {
  using namespace testing::torch_bytes;
  Record second;
  second.name = "a/data/1";
  second.data = std::string(64, '\1');
  fuzz::read_tensors(torch_zip(bytes, std::string(4096, '\2'), {second}));
}

}  // namespace unclip
