#pragma once

// What a kernel may ask of the block of threads that runs it. Every kernel is a template over its
// block, so that a test can run it on a CPU, one thread after another. A Block has
//
//   int thread(), threads()  this thread among those of its block
//   int block(), blocks()    this block among those of the grid
//   void sync()              waits for the block's threads; then each sees what all have written
//   void sync_grid()         the same for the grid's; for cooperative launches only
//   void* shared()           the block's memory, as large as the launch asked, at a multiple of 16

#ifdef __CUDACC__

#include <cooperative_groups.h>

#define UNCLIP_DEVICE __device__ __forceinline__
#define UNCLIP_PRAGMA(text) _Pragma(#text)
#define UNCLIP_UNROLL(times) UNCLIP_PRAGMA(unroll times)

namespace unclip::kernels {

struct CudaBlock {
  UNCLIP_DEVICE int thread() const { return static_cast<int>(threadIdx.x); }
  UNCLIP_DEVICE int threads() const { return static_cast<int>(blockDim.x); }
  UNCLIP_DEVICE int block() const { return static_cast<int>(blockIdx.x); }
  UNCLIP_DEVICE int blocks() const { return static_cast<int>(gridDim.x); }
  UNCLIP_DEVICE void sync() { __syncthreads(); }
  UNCLIP_DEVICE void sync_grid() { cooperative_groups::this_grid().sync(); }
  UNCLIP_DEVICE void* shared() {
    extern __shared__ float4 shared_memory[];
    return shared_memory;
  }
};

}  // namespace unclip::kernels

#else

#define UNCLIP_DEVICE inline
#define UNCLIP_UNROLL(times)

#endif
