#pragma once

#include <ATen/ATen.h>

#include "kernels/accelerator.h"

namespace unclip::testing {

/// Replaces a device's accelerator during its lifetime, and counts the calls. Playing a recording
/// calls the recorded work again.
class FakeAccelerator final : public Accelerator {
 public:
  explicit FakeAccelerator(at::DeviceType type) : type_(type) { set_accelerator(type, this); }
  ~FakeAccelerator() override { set_accelerator(type_, nullptr); }
  FakeAccelerator(const FakeAccelerator&) = delete;
  FakeAccelerator& operator=(const FakeAccelerator&) = delete;

  at::Tensor upload(const at::Tensor& x, at::Device device) override {
    ++uploads;
    uploading = true;
    auto y = at::empty(x.sizes(), x.options().device(device)).copy_(x);
    uploading = false;
    return y;
  }

  std::unique_ptr<Recording> record(at::Device, const std::function<void()>& work) override {
    ++recordings;
    if (refuses) TORCH_CHECK(false, "this is not recorded");
    work();
    return std::make_unique<Again>(*this, work);
  }

  void keep_pace(at::Device) override { ++paces; }
  int64_t peak_bytes(at::Device) override { return 0; }
  void reset_peak(at::Device) override {}

  bool refuses = false;
  bool uploading = false;
  int64_t uploads = 0, recordings = 0, plays = 0, paces = 0;

 private:
  struct Again final : Recording {
    Again(FakeAccelerator& fake, std::function<void()> work) : fake(fake), work(std::move(work)) {}
    void play() override {
      ++fake.plays;
      work();
    }
    FakeAccelerator& fake;
    std::function<void()> work;
  };

  at::DeviceType type_;
};

}  // namespace unclip::testing
