#pragma once

#include <cstdint>
#include <functional>

namespace unclip::kernels {

/// Calls work(first, last) for parts of [begin, end), each of at least `grain`, on libtorch's
/// threads.
void parallel_for(int64_t begin, int64_t end, int64_t grain,
                  const std::function<void(int64_t first, int64_t last)>& work);

}  // namespace unclip::kernels
