#include "core/device.h"

#include <ATen/Parallel.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>

#include <charconv>
#include <filesystem>

#include "core/error.h"

namespace unclip {
namespace {

/// Its operators enter the dispatcher as soon as it is loaded.
void load_cuda() {
  Dl_info cpu_part = {};
  dladdr(reinterpret_cast<const void*>(&at::set_num_threads), &cpu_part);
  const auto library =
      std::filesystem::path(cpu_part.dli_fname).replace_filename("libtorch_cuda.so");
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    fail("--device cuda: ", dlerror(), "; libtorch's CUDA libraries are wanted, or --device cpu");
  }
}

}  // namespace

std::optional<c10::Device> parse_device(std::string_view name) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  if (name == "cuda") return c10::Device(c10::kCUDA, 0);
  constexpr std::string_view kPrefix = "cuda:";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  c10::DeviceIndex index = -1;
  const auto* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, index);
  if (error != std::errc() || rest != end || index < 0) return std::nullopt;
  return c10::Device(c10::kCUDA, index);
}

void open_device(c10::Device device) {
  if (!device.is_cuda()) return;
  load_cuda();
  const int count = c10::impl::getDeviceGuardImpl(c10::kCUDA)->deviceCount();
  if (device.index() >= count) {
    fail("--device ", device.str(), ": this machine has ", count, " CUDA devices that can be used");
  }
}

}  // namespace unclip
