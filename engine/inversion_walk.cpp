#include "engine/inversion_walk.h"

#include <string>

namespace unclip {

WalkOptions inversion_walk(int64_t steps, int64_t iterations) {
  return {.sampler = "ddim_inverse",
          .steps = steps,
          .clip = false,
          .own = {{"iterations", std::to_string(iterations)}}};
}

}  // namespace unclip
