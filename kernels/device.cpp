#include "kernels/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>
#include <link.h>

#include <filesystem>

#include "base/error.h"
#include "base/parse_number.h"
#include "kernels/accelerator.h"

namespace unclip {
namespace {

/// The file that a function was loaded from.
template <class Function>
std::filesystem::path file_of(Function* function) {
  Dl_info info = {};
  link_map* map = nullptr;
  dladdr1(reinterpret_cast<const void*>(function), &info, reinterpret_cast<void**>(&map),
          RTLD_DL_LINKMAP);
  // For the program itself the name is the one by which it was called.
  const bool is_program = map != nullptr && *map->l_name == '\0';
  return is_program ? "/proc/self/exe" : info.dli_fname;
}

/// libtorch's CUDA part. Its operators enter the dispatcher as soon as it is loaded.
void load_cuda() {
  const auto library = file_of(&at::set_num_threads).replace_filename("libtorch_cuda.so");
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    fail("--device cuda: expected libtorch's CUDA libraries, got '", dlerror(),
         "'; --device cpu needs none");
  }
  // float32 must not be computed as TF32.
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
}

/// The file of unclip's own CUDA part, next to this code or in the `lib` next to its `bin`; nothing
/// if it was built without nvcc.
std::optional<std::filesystem::path> plug_in() {
  std::error_code unreadable;
  const auto own = std::filesystem::canonical(file_of(&open_device), unreadable).parent_path();
  if (own.empty()) return std::nullopt;
  for (const auto& folder : {own, own.parent_path() / "lib"}) {
    const auto library = folder / "libunclip_cuda.so";
    if (std::filesystem::exists(library, unreadable)) return library;
  }
  return std::nullopt;
}

template <class Function>
Function* symbol(void* library, const std::filesystem::path& file, const char* name) {
  auto* found = reinterpret_cast<Function*>(dlsym(library, name));
  if (found == nullptr) fail(file, ": expected unclip's plug-in, found a library without ", name);
  return found;
}

void load_plug_in() {
  const auto file = plug_in();
  if (!file || accelerator(c10::kCUDA) != nullptr) return;
  void* library = dlopen(file->c_str(), RTLD_NOW);
  if (library == nullptr) fail(*file, ": ", dlerror());
  const std::string version = symbol<const char*()>(library, *file, "unclip_cuda_version")();
  if (version != UNCLIP_VERSION) {
    fail(*file, ": expected the plug-in of unclip ", UNCLIP_VERSION, ", found that of unclip ",
         version);
  }
  set_accelerator(c10::kCUDA, symbol<Accelerator*()>(library, *file, "unclip_cuda_accelerator")());
}

}  // namespace

std::optional<c10::Device> parse_device(std::string_view name) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  if (name == "cuda") return c10::Device(c10::kCUDA, 0);
  constexpr std::string_view kPrefix = "cuda:";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const auto index = parse_number<c10::DeviceIndex>(name.substr(kPrefix.size()));
  if (!index || *index < 0) return std::nullopt;
  return c10::Device(c10::kCUDA, *index);
}

void open_device(c10::Device device) {
  if (!device.is_cuda()) return;
  load_cuda();
  load_plug_in();
  const int count = c10::impl::getDeviceGuardImpl(c10::kCUDA)->deviceCount();
  if (device.index() >= count) {
    fail("--device ", device.str(), ": this machine has ", count, " CUDA devices that can be used");
  }
  TORCH_CHECK(at::globalContext().hasCUDA(), "open_device: libtorch had computed before");
}

}  // namespace unclip
