#include <ATen/core/Tensor.h>

#include "tests/fuzz/read_tensors.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(safetensors, "sampler_lcm.safetensors", "timestep_embedding.safetensors") {
  fuzz::read_tensors(bytes);
}

}  // namespace unclip
