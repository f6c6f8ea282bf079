#include "kernels/cuda/group_norm.cuh"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include "kernels/cuda/launch.cuh"

namespace unclip::kernels {
namespace {

template <class T>
__global__ void __launch_bounds__(kMostGroupNormThreads, 2)
    run_group_norm(const __grid_constant__ GroupNorm<T> call) {
  CudaBlock block;
  group_norm(call, block);
}

/// Lets the kernel have all of a multiprocessor's shared memory.
template <class T>
cudaError_t ask_for_shared(const DeviceLimits& device) {
  const auto most = static_cast<int>(device.shared_bytes_per_block);
  const auto error =
      cudaFuncSetAttribute(run_group_norm<T>, cudaFuncAttributeMaxDynamicSharedMemorySize, most);
  if (error != cudaSuccess) return error;
  return cudaFuncSetAttribute(run_group_norm<T>, cudaFuncAttributePreferredSharedMemoryCarveout,
                              cudaSharedmemCarveoutMaxShared);
}

}  // namespace

template <class T>
Failure plan_group_norm_here(const GroupNormShape& shape, const DeviceLimits& device,
                             std::optional<GroupNormPlan>& plan) {
  plan.reset();
  if (const auto error = ask_for_shared<T>(device); error != cudaSuccess) return failure(error);
  auto limits = device;
  for (limits.blocks_per_multiprocessor = std::min(2, device.blocks_per_multiprocessor);
       limits.blocks_per_multiprocessor > 0; --limits.blocks_per_multiprocessor) {
    const auto wanted = plan_group_norm(shape, limits);
    if (!wanted) continue;
    int each = 0;
    const auto error = cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &each, run_group_norm<T>, wanted->threads, wanted->shared_bytes);
    if (error != cudaSuccess) return failure(error);
    if (wanted->blocks <= each * device.multiprocessors) {
      plan = wanted;
      break;
    }
  }
  return nullptr;
}

template <class T>
Failure launch_group_norm(const GroupNorm<T>& call, Stream stream) {
  auto copy = call;
  void* arguments[] = {&copy};
  return failure(cudaLaunchCooperativeKernel(run_group_norm<T>, call.plan.blocks, call.plan.threads,
                                             arguments, call.plan.shared_bytes, stream));
}

#define UNCLIP_INSTANTIATE(T)                                                          \
  template Failure plan_group_norm_here<T>(const GroupNormShape&, const DeviceLimits&, \
                                           std::optional<GroupNormPlan>&);             \
  template Failure launch_group_norm(const GroupNorm<T>&, Stream);
UNCLIP_INSTANTIATE(float)
UNCLIP_INSTANTIATE(c10::Half)
UNCLIP_INSTANTIATE(c10::BFloat16)
#undef UNCLIP_INSTANTIATE

}  // namespace unclip::kernels
