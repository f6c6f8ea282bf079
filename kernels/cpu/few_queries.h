#pragma once

#include "kernels/cpu/kernels.h"

namespace unclip::UNCLIP_ISA {

void few_queries(const kernels::FewQueries& args, int64_t begin, int64_t end, float* scratch);
int64_t few_queries_scratch(const kernels::FewQueries& args);

}  // namespace unclip::UNCLIP_ISA
