#include "kernels/cuda/walk.cuh"

#include <cuda_runtime.h>

namespace unclip::kernels {
namespace {

__global__ void run_guide(const __grid_constant__ Guide call) {
  CudaBlock block;
  guide(call, block);
}
__global__ void run_predict_x0(const __grid_constant__ PredictX0 call) {
  CudaBlock block;
  predict_x0(call, block);
}
__global__ void run_ancestral_step(const __grid_constant__ AncestralStep call) {
  CudaBlock block;
  ancestral_step(call, block);
}

template <class Call>
Failure launch(void (*run)(Call), const Call& call, Stream stream) {
  constexpr int64_t kThreads = 256, kMostBlocks = 2048;
  const int64_t elements = call.sizes[0] * call.sizes[1] * call.sizes[2] * call.sizes[3];
  if (elements == 0) return nullptr;
  const auto blocks = static_cast<unsigned>(std::min(kMostBlocks, ceil_div(elements, kThreads)));
  run<<<blocks, kThreads, 0, stream>>>(call);
  const auto error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

}  // namespace

Failure launch_guide(const Guide& call, Stream stream) { return launch(run_guide, call, stream); }
Failure launch_predict_x0(const PredictX0& call, Stream stream) {
  return launch(run_predict_x0, call, stream);
}
Failure launch_ancestral_step(const AncestralStep& call, Stream stream) {
  return launch(run_ancestral_step, call, stream);
}

}  // namespace unclip::kernels
