#include <ATen/core/Tensor.h>

#include "tests/fuzz/read_tensors.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(torch_file, "torch/*.pt", "torch/*.ckpt", "torch/*.th", "torch/*.pth") {
  fuzz::read_tensors(bytes);
}

}  // namespace unclip
