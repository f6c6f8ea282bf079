#pragma once

#include "kernels/cpu/kernels.h"

namespace unclip::UNCLIP_ISA {

void moments(kernels::Storage storage, const void* x, int64_t channels, int64_t begin, int64_t end,
             const float* pivot, float* sums, float* squares);
void scale_shift(const kernels::ScaleShift& args, int64_t begin, int64_t end);
void spatial_scale_shift(const kernels::SpatialScaleShift& args, int64_t begin, int64_t end);

}  // namespace unclip::UNCLIP_ISA
