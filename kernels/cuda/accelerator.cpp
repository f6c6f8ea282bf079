#include "core/accelerator.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>

#include "kernels/cuda/plug_in.h"

namespace unclip::kernels {
namespace {

/// Memory of the processor that a device copies from by itself, two pieces in turns: one is filled
/// while the other is copied.
class Staging {
 public:
  explicit Staging(c10::DeviceIndex device)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/true, device)) {
    for (auto& piece : pieces_) {
      void* memory = nullptr;
      C10_CUDA_CHECK(cudaHostAlloc(&memory, kPiece, cudaHostAllocDefault));
      piece.memory = static_cast<std::byte*>(memory);
    }
  }

  /// Its own: a copy need not wait for the device's work.
  const c10::cuda::CUDAStream& stream() const { return stream_; }

  void copy(void* to, const void* from, size_t size) {
    for (size_t begin = 0; begin < size; begin += kPiece) {
      const auto length = std::min(kPiece, size - begin);
      auto& piece = pieces_[next_];
      next_ = 1 - next_;
      piece.copied.synchronize();
      std::memcpy(piece.memory, static_cast<const std::byte*>(from) + begin, length);
      C10_CUDA_CHECK(cudaMemcpyAsync(static_cast<std::byte*>(to) + begin, piece.memory, length,
                                     cudaMemcpyHostToDevice, stream_));
      piece.copied.record(stream_);
    }
  }

 private:
  static constexpr size_t kPiece = size_t{32} << 20;
  struct Piece {
    std::byte* memory = nullptr;
    at::cuda::CUDAEvent copied;  // before its first record() there is nothing to wait for
  };

  c10::cuda::CUDAStream stream_;
  std::array<Piece, 2> pieces_;
  size_t next_ = 0;
};

class Graph final : public Recording {
 public:
  Graph(c10::MempoolId_t pool, const std::function<void()>& work) {
    graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      try {
        graph_.capture_end();  // the stream is of use again
      } catch (const c10::Error&) {
        // What `work` threw tells more.
      }
      throw;
    }
    graph_.capture_end();
  }

  void play() override { graph_.replay(); }

 private:
  at::cuda::CUDAGraph graph_;
};

class Cuda final : public Accelerator {
 public:
  Cuda() {
    // Of a convolution's algorithms the quickest, tried out at each shape's first call.
    at::globalContext().setBenchmarkCuDNN(true);
    // float32 is float32.
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowTF32CuBLAS(false);
  }

  at::Tensor upload(const at::Tensor& x_any, at::Device device) override {
    const c10::cuda::CUDAGuard guard(device);
    const auto x = x_any.contiguous();
    const auto current = c10::cuda::getCurrentCUDAStream();
    const std::lock_guard lock(mutex_);
    auto& staging = devices_[current.device_index()].staging;
    if (!staging) staging = std::make_unique<Staging>(current.device_index());
    at::Tensor y;
    {
      // Memory of that stream: another's might still be read by work that is under way.
      const c10::cuda::CUDAStreamGuard copying(staging->stream());
      y = at::empty(x.sizes(), x.options().device(device));
      staging->copy(y.data_ptr(), x.const_data_ptr(), x.nbytes());
    }
    at::cuda::CUDAEvent copied;
    copied.record(staging->stream());
    copied.block(current);
    y.record_stream(current.unwrap());
    return y;
  }

  std::unique_ptr<Recording> record(at::Device device, const std::function<void()>& work) override {
    const c10::cuda::CUDAGuard guard(device);
    C10_CUDA_CHECK(cudaDeviceSynchronize());
    c10::cuda::CUDACachingAllocator::emptyCache();  // the recording has memory of its own
    const auto pool = pool_of(c10::cuda::current_device());
    const c10::cuda::CUDAStreamGuard aside(c10::cuda::getStreamFromPool());
    return std::make_unique<Graph>(pool, work);
  }

  void keep_pace(at::Device device) override {
    const c10::cuda::CUDAGuard guard(device);
    const std::lock_guard lock(mutex_);
    auto& here = devices_[c10::cuda::current_device()];
    here.marks[here.next_mark].record();
    here.next_mark = 1 - here.next_mark;
    here.marks[here.next_mark].synchronize();
  }

  int64_t peak_bytes(at::Device device) override {
    return statistics(device).reserved_bytes[0].peak;  // of all kinds of pieces
  }

  void reset_peak(at::Device device) override {
    c10::cuda::CUDACachingAllocator::resetPeakStats(index(device));
  }

 private:
  struct State {
    std::unique_ptr<Staging> staging;
    c10::MempoolId_t pool = {};
    std::array<at::cuda::CUDAEvent, 2> marks;
    size_t next_mark = 0;
  };

  /// One for all recordings: no two are played at once, and the result of each is taken before the
  /// next is played.
  c10::MempoolId_t pool_of(c10::DeviceIndex device) {
    const std::lock_guard lock(mutex_);
    auto& pool = devices_[device].pool;
    if (pool == c10::MempoolId_t{}) pool = at::cuda::graph_pool_handle();
    return pool;
  }

  static c10::DeviceIndex index(at::Device device) {
    return device.has_index() ? device.index() : c10::cuda::current_device();
  }
  static c10::CachingDeviceAllocator::DeviceStats statistics(at::Device device) {
    return c10::cuda::CUDACachingAllocator::getDeviceStats(index(device));
  }

  std::mutex mutex_;
  std::map<c10::DeviceIndex, State> devices_;
};

}  // namespace
}  // namespace unclip::kernels

const char* unclip_cuda_version() { return UNCLIP_VERSION; }

unclip::Accelerator* unclip_cuda_accelerator() {
  // Never destroyed: at the process's end CUDA may have gone before it.
  static auto* const cuda = new unclip::kernels::Cuda;
  return cuda;
}
