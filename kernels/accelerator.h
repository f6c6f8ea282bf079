#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace unclip {

/// Work of a device that was recorded, to be done again on the same memory.
class Recording {
 public:
  virtual ~Recording() = default;
  /// Hands it to the device; does not wait for it.
  virtual void play() = 0;
};

/// What a kind of device can do beside torch's operators. A processor has none. A device is one
/// thread's at a time.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  /// A contiguous copy of a processor's tensor on `device`. It is made beside what the device is
  /// at, and what is handed to the device later waits for it; the caller does not.
  virtual at::Tensor upload(const at::Tensor& x, at::Device device) = 0;

  /// Calls `work`, perhaps first as a trial, and last with its operators recorded in place of being
  /// run. It may not read a device's numbers.
  virtual std::unique_ptr<Recording> record(at::Device device,
                                            const std::function<void()>& work) = 0;

  /// Returns when the device has come to the end of what it had been handed at the call before:
  /// whoever calls it after each step is at most two steps ahead.
  virtual void keep_pace(at::Device device) = 0;

  /// The most memory that was held at once since reset_peak().
  virtual int64_t peak_bytes(at::Device device) = 0;
  virtual void reset_peak(at::Device device) = 0;
};

/// A device's, or null.
Accelerator* accelerator(at::Device device);
/// Called where a device is opened. It must outlive the process's work.
void set_accelerator(at::DeviceType type, Accelerator* accelerator);

/// A processor's tensor on `device`, by its accelerator where there is one.
at::Tensor to_device(const at::Tensor& x, at::Device device);

/// Accelerator::keep_pace, where there is one.
void keep_pace(at::Device device);

}  // namespace unclip
