#pragma once

#include <ATen/core/Tensor.h>

#include "judge/judge.h"

namespace unclip::judge {

/// What the judge recognises in image (3, H, W) in [0, 1], float32 on the CPU.
Sighting look(const at::Tensor& image);

}  // namespace unclip::judge
