#include "kernels/cpu/parallel.h"

#include <ATen/Parallel.h>

#include "kernels/spinning.h"

// libtorch's own parallel_for is a loop in a source that is compiled without OpenMP. This one is
// compiled with it; the others share a precompiled header that is not.
#ifndef _OPENMP
#error "compile this file with -fopenmp"
#endif

namespace unclip::kernels {

void parallel_for(int64_t begin, int64_t end, int64_t grain,
                  const std::function<void(int64_t, int64_t)>& work) {
  adapt_spinning();
  at::parallel_for(begin, end, grain, work);
}

}  // namespace unclip::kernels
