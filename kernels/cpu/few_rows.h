#pragma once

#include "kernels/cpu/kernels.h"

namespace unclip::UNCLIP_ISA {

void few_rows(const kernels::FewRows& args, int64_t begin, int64_t end);

}  // namespace unclip::UNCLIP_ISA
