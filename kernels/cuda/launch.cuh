#pragma once

#include <cuda_runtime.h>

#include <algorithm>

#include "kernels/cuda/kernels.h"

// Functions that all launches share.

namespace unclip::kernels {

inline Failure failure(cudaError_t error) {
  if (error == cudaSuccess) return nullptr;
  cudaGetLastError();  // clears it, so that the next launch does not report it
  return cudaGetErrorString(error);
}

/// Runs a kernel whose threads take turns over `elements`.
template <class Call>
Failure launch_over(int64_t elements, void (*run)(Call), const Call& call, Stream stream) {
  // As many blocks as a large device runs at once; for more elements, each thread handles several.
  constexpr int64_t kThreads = 256, kMostBlocks = 2048;
  if (elements == 0) return nullptr;
  const auto blocks = static_cast<unsigned>(std::min(kMostBlocks, ceil_div(elements, kThreads)));
  run<<<blocks, kThreads, 0, stream>>>(call);
  return failure(cudaGetLastError());
}

}  // namespace unclip::kernels
