#include "kernels/cuda/add_to_pixels.cuh"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include "kernels/cuda/launch.cuh"

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
  return launch_over(call.pixels * (call.channels / 8), run_add_to_pixels<T>, call, stream);
}

template Failure launch_add_to_pixels(const AddToPixels<float>&, Stream);
template Failure launch_add_to_pixels(const AddToPixels<c10::Half>&, Stream);
template Failure launch_add_to_pixels(const AddToPixels<c10::BFloat16>&, Stream);

}  // namespace unclip::kernels
