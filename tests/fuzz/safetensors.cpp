#include <ATen/core/Tensor.h>

#include "tests/fuzz/target.h"
#include "weights/checkpoint.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(safetensors, "sampler_lcm.safetensors", "timestep_embedding.safetensors") {
  const auto file = Checkpoint::from_bytes(bytes, "x");
  bool all = true;
  for (const auto& name : file.names()) {
    try {
      const auto& shape = file.entry(name).shape;
      fuzz::expect(file.tensor(name).sizes().vec() == shape, "a tensor has its header's shape");
    } catch (const Error&) {
      all = false;  // a type that is not computed with
    }
  }
  if (!all) fail("x: not every tensor can be used");
}

}  // namespace unclip
