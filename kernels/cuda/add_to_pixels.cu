#include "kernels/cuda/add_to_pixels.cuh"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>
#include <cuda_runtime.h>

namespace unclip::kernels {
namespace {

template <class T>
__global__ void run_add_to_pixels(const __grid_constant__ AddToPixels<T> call) {
  CudaBlock block;
  add_to_pixels(call, block);
}

}  // namespace

template <class T>
Failure launch_add_to_pixels(const AddToPixels<T>& call, Stream stream) {
  // As many blocks as a large device runs at once; beyond, each thread takes several turns.
  constexpr int64_t kThreads = 256, kMostBlocks = 2048;
  const int64_t eights = call.pixels * (call.channels / 8);
  if (eights == 0) return nullptr;
  const auto blocks = static_cast<unsigned>(std::min(kMostBlocks, ceil_div(eights, kThreads)));
  run_add_to_pixels<<<blocks, kThreads, 0, stream>>>(call);
  const auto error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

template Failure launch_add_to_pixels(const AddToPixels<float>&, Stream);
template Failure launch_add_to_pixels(const AddToPixels<c10::Half>&, Stream);
template Failure launch_add_to_pixels(const AddToPixels<c10::BFloat16>&, Stream);

}  // namespace unclip::kernels
