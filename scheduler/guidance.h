#pragma once

#include "scheduler/denoise.h"

namespace unclip {

/// Does this scale need the unconditional rows? At 1 the guided prediction is the conditional one.
inline bool needs_unconditional(double guidance_scale) { return guidance_scale != 1; }

/// Classifier-free guidance: a model of 2 B rows, [unconditional..., conditional...], becomes one
/// of B rows whose prediction is
///   u + w (c - u),  w = guidance_scale.
/// Ho & Salimans 2022, eq. 6, https://arxiv.org/abs/2207.12598 (their w is this one less 1).
/// Channels beyond x_t's hold a learned variance: the conditional row's is kept.
/// Where needs_unconditional() is false, the model has B rows and stays as it is.
Denoiser guided(Denoiser model, double guidance_scale);

}  // namespace unclip
