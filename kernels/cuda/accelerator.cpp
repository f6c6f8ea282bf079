#include "kernels/accelerator.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <ATen/record_function.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>

#include "kernels/cuda/plug_in.h"

namespace unclip::kernels {
namespace {

/// Pinned CPU memory from which a device copies by itself. It has two pieces that take turns: one
/// is filled while the other is copied.
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

  /// A stream of its own, so that a copy does not wait for the device's work.
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

/// Memory that recordings share: no two are played at once, and the result of each is taken before
/// the next is played. Its name is not used again once the last of them is gone.
struct Pool {
  c10::MempoolId_t id = at::cuda::graph_pool_handle();
};

class Graph final : public Recording {
 public:
  Graph(std::shared_ptr<Pool> pool, const std::function<void()>& work) : pool_(std::move(pool)) {
    graph_.capture_begin(pool_->id, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      try {
        end();  // the stream is of use again
      } catch (const c10::Error&) {
        // The exception of `work` is more informative.
      }
      throw;
    }
    end();
  }

  void play() override { graph_.replay(); }

 private:
  /// Where libtorch's end of a capture throws, it leaves its allocators as if they were still in
  /// it.
  void end() {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
      const auto device = c10::cuda::current_device();
      auto* host = at::getHostAllocator(at::kCUDA);
      try {
        c10::cuda::CUDACachingAllocator::endAllocateToPool(device, pool_->id);
        host->end_allocate_to_pool(pool_->id);
        c10::cuda::CUDACachingAllocator::releasePool(device, pool_->id);
        host->release_pool(pool_->id);
      } catch (const c10::Error&) {
        // It had come so far by itself.
      }
      cudaGetLastError();  // clears it, so that the next launch does not report it
      throw;
    }
  }

  std::shared_ptr<Pool> pool_;  // outlives graph_
  at::cuda::CUDAGraph graph_;
};

class Cuda final : public Accelerator {
 public:
  Cuda() {
    // Use a convolution's fastest algorithm, found by trying all at each shape's first call.
    at::globalContext().setBenchmarkCuDNN(true);
    // Use the attention kernels that read a mask of any strides, and leave what they do not support
    // to the next kernel.
    at::globalContext().setSDPUseCuDNN(false);
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
    const auto [pool, stream] = recording_place(c10::cuda::current_device());
    C10_CUDA_CHECK(cudaDeviceSynchronize());
    const c10::cuda::CUDAStreamGuard aside(stream);
    // What libraries set up for a stream, and the algorithms that they choose in a thread, may not
    // fall into the recording.
    {
      const at::DisableRecordFunctionGuard uncounted;
      work();
    }
    C10_CUDA_CHECK(cudaDeviceSynchronize());
    c10::cuda::CUDACachingAllocator::emptyCache();  // the recording has memory of its own
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
    std::weak_ptr<Pool> pool;
    std::optional<c10::cuda::CUDAStream> recording;  // one for all: a pool's memory is a stream's
    std::array<at::cuda::CUDAEvent, 2> marks;
    size_t next_mark = 0;
  };

  std::pair<std::shared_ptr<Pool>, c10::cuda::CUDAStream> recording_place(c10::DeviceIndex device) {
    const std::lock_guard lock(mutex_);
    auto& here = devices_[device];
    if (!here.recording) here.recording = c10::cuda::getStreamFromPool();
    auto pool = here.pool.lock();
    if (!pool) here.pool = pool = std::make_shared<Pool>();
    return {pool, *here.recording};
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
  // Never destroyed, because at the end of the process CUDA may be shut down before it.
  static auto* const cuda = new unclip::kernels::Cuda;
  return cuda;
}
