#pragma once

#include <cstdint>

#include "nn/module.h"

namespace unclip::train {

/// Initializes a new network's parameters, and enables their gradients. Matrices and convolutions
/// are normal with variance 1 / fan-in, normalisations are the identity, embeddings have a standard
/// deviation of 0.02, and the last layers of residual branches (conv2, to_out, out_proj, fc2,
/// net.2, conv_out) are small, so that a deep network starts near the identity. Goyal et al. 2017,
/// section 5.1, https://arxiv.org/abs/1706.02677
void initialize(Module& module, uint64_t seed);

}  // namespace unclip::train
