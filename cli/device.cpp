#include "cli/device.h"

#include <ATen/Parallel.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>

#include <charconv>
#include <filesystem>

#include "cli/arguments.h"
#include "core/error.h"

namespace unclip::cli {
namespace {

/// K of cuda:K, 0 where the name is cuda.
c10::DeviceIndex cuda_index(const Arguments& arguments) {
  const auto name = arguments.text("device");
  if (name == "cuda") return 0;
  c10::DeviceIndex index = -1;
  if (name.starts_with("cuda:")) {
    const auto* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + 5, end, index);
    if (error != std::errc() || rest != end) index = -1;
  }
  if (index < 0) arguments.refuse("device", "cpu, cuda or cuda:K");
  return index;
}

/// The program is linked against libtorch's CPU part alone; the CUDA part lies beside it and
/// enters its operators with the dispatcher as soon as it is loaded.
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

c10::Device open_device(const Arguments& arguments) {
  if (arguments.text("device") == "cpu") return c10::Device(c10::kCPU);
  const auto index = cuda_index(arguments);
  load_cuda();
  const auto* cuda = c10::impl::getDeviceGuardImpl(c10::kCUDA);
  const int count = cuda->deviceCount();
  if (index >= count) {
    fail("--device ", arguments.text("device"), ": this machine has ", count,
         " CUDA devices that can be used");
  }
  return c10::Device(c10::kCUDA, index);
}

c10::ScalarType chosen_dtype(const Arguments& arguments) {
  return arguments.choice<c10::ScalarType>(
      "dtype", {{"float32", c10::kFloat}, {"bfloat16", c10::kBFloat16}, {"float16", c10::kHalf}});
}

void set_threads(const Arguments& arguments) {
  if (const auto threads = arguments.integer_if_given("threads", 1, 1024)) {
    at::set_num_threads(static_cast<int>(*threads));
  }
}

}  // namespace unclip::cli
