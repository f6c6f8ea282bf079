#pragma once

#include <ATen/core/Tensor.h>

namespace unclip {

/// The peak signal-to-noise ratio of two images of one size, with values in [0, 1], in dB:
///   10 log10(1 / mean (x - y)^2);
/// infinite if they are the same.
double psnr(const at::Tensor& x, const at::Tensor& y);

}  // namespace unclip
