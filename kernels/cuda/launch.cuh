#pragma once

#include <cuda_runtime.h>

#include <algorithm>

#include "kernels/cuda/kernels.h"

// What the launches share.

namespace unclip::kernels {

inline Failure failure(cudaError_t error) {
  if (error == cudaSuccess) return nullptr;
  cudaGetLastError();  // the next launch is not to find it
  return cudaGetErrorString(error);
}

/// Runs a kernel whose threads take turns over `elements`.
template <class Call>
Failure launch_over(int64_t elements, void (*run)(Call), const Call& call, Stream stream) {
  // As many blocks as a large device runs at once; beyond, each thread takes several turns.
  constexpr int64_t kThreads = 256, kMostBlocks = 2048;
  if (elements == 0) return nullptr;
  const auto blocks = static_cast<unsigned>(std::min(kMostBlocks, ceil_div(elements, kThreads)));
  run<<<blocks, kThreads, 0, stream>>>(call);
  return failure(cudaGetLastError());
}

}  // namespace unclip::kernels
