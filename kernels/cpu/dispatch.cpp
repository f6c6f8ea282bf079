#include <cstdlib>
#include <string_view>

#include "kernels/cpu/kernels.h"

namespace unclip::kernels {

const Table* table() {
#if defined(__x86_64__)
  static const Table* widest = [] {
    // libtorch's own variable, so that one word holds for both.
    const char* name = std::getenv("ATEN_CPU_CAPABILITY");
    const std::string_view most = name == nullptr ? "" : name;
    if (most == "default") return static_cast<const Table*>(nullptr);
    __builtin_cpu_init();
    const bool avx512 = most != "avx2" && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512dq");
    if (avx512) return &avx512::kTable;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2::kTable;
    return static_cast<const Table*>(nullptr);
  }();
  return widest;
#else
  return nullptr;
#endif
}

}  // namespace unclip::kernels
