#include "kernels/cuda/walk.cuh"

#include "kernels/cuda/launch.cuh"

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
  const auto& sizes = call.sizes;
  return launch_over(sizes[0] * sizes[1] * sizes[2] * sizes[3], run, call, stream);
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
