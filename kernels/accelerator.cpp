#include "kernels/accelerator.h"

#include <ATen/ATen.h>

#include <array>

namespace unclip {
namespace {

std::array<Accelerator*, at::COMPILE_TIME_MAX_DEVICE_TYPES> accelerators;

Accelerator*& of(at::DeviceType type) { return accelerators.at(static_cast<size_t>(type)); }

}  // namespace

Accelerator* accelerator(at::Device device) { return of(device.type()); }

void set_accelerator(at::DeviceType type, Accelerator* accelerator) { of(type) = accelerator; }

at::Tensor to_device(const at::Tensor& x, at::Device device) {
  auto* there = accelerator(device);
  return there != nullptr && x.is_cpu() ? there->upload(x, device) : x.to(device);
}

void keep_pace(at::Device device) {
  if (auto* there = accelerator(device)) there->keep_pace(device);
}

}  // namespace unclip
