#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace unclip {

/// Recorded work of a device, which can be repeated on the same memory.
class Recording {
 public:
  virtual ~Recording() = default;
  /// Starts the work on the device, and does not wait for it.
  virtual void play() = 0;
};

/// What a type of device can do besides torch's operators. The CPU has no accelerator. Only one
/// thread may use a device at a time.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  /// A contiguous copy on `device` of a tensor on the CPU. The copy runs concurrently with the
  /// device's current work. Work that is started on the device later waits for it; the caller does
  /// not.
  virtual at::Tensor upload(const at::Tensor& x, at::Device device) = 0;

  /// Records `work`: calls it, possibly once as a trial, and then with its operators recorded
  /// instead of run. `work` must not read numbers from the device.
  virtual std::unique_ptr<Recording> record(at::Device device,
                                            const std::function<void()>& work) = 0;

  /// Waits until the device has finished all work that was started before the previous call. A
  /// caller that calls it after each step is at most two steps ahead of the device.
  virtual void keep_pace(at::Device device) = 0;

  /// The peak of allocated memory since reset_peak(), in bytes.
  virtual int64_t peak_bytes(at::Device device) = 0;
  virtual void reset_peak(at::Device device) = 0;
};

/// The device's accelerator; null if it has none.
Accelerator* accelerator(at::Device device);
/// Sets the accelerator of a type of device, when a device is opened. It must outlive all work of
/// the process.
void set_accelerator(at::DeviceType type, Accelerator* accelerator);

/// A tensor on the CPU, copied to `device`, by its accelerator if it has one.
at::Tensor to_device(const at::Tensor& x, at::Device device);

/// Calls Accelerator::keep_pace if the device has an accelerator.
void keep_pace(at::Device device);

}  // namespace unclip
