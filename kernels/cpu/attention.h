#pragma once

#include "kernels/cpu/kernels.h"

namespace unclip::UNCLIP_ISA {

void attention(const kernels::Attention& args, int64_t begin, int64_t end, float* scratch);
int64_t attention_scratch(const kernels::Attention& args);

}  // namespace unclip::UNCLIP_ISA
