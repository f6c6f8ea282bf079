#pragma once

#include "kernels/cpu/kernels.h"

namespace unclip::UNCLIP_ISA {

void winograd(const kernels::Conv3x3& conv, const kernels::ConvPart& part, float* scratch);
int64_t winograd_scratch(const kernels::Conv3x3& conv, int64_t tiles);

}  // namespace unclip::UNCLIP_ISA
