#pragma once

#include <cstdint>

#include "nn/module.h"

namespace unclip::train {

/// Fills a new network's parameters, and asks for their gradients: matrices and convolutions from a
/// normal distribution with
/// variance 1 / fan-in, norms as the identity, embeddings with deviation 0.02, and what closes a
/// residual branch (conv2, to_out, out_proj, fc2, net.2, conv_out) small, so that a deep network
/// starts near the identity. Goyal et al. 2017, section 5.1, https://arxiv.org/abs/1706.02677
void initialize(Module& module, uint64_t seed);

}  // namespace unclip::train
