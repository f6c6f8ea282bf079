#include "core/memory.h"

#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>

#include <limits>
#endif

namespace unclip {

void keep_freed_memory() {
#if defined(__GLIBC__)
  // No piece has a mapping of its own, and the end of the heap is not given back.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

}  // namespace unclip
