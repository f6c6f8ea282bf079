#pragma once

#include "kernels/cpu/kernels.h"

namespace unclip::UNCLIP_ISA {

void product(const kernels::Product& args, int64_t begin, int64_t end, float* scratch);
int64_t product_scratch(const kernels::Product& args);

}  // namespace unclip::UNCLIP_ISA
