#include "kernels/cpu/kernels.h"
#include "kernels/processor.h"

namespace unclip::kernels {

const Table* table() {
#if defined(UNCLIP_VECTOR_KERNELS)
  static const Table* widest = [] {
    const auto most = cpu_capability();
    if (most == "default") return static_cast<const Table*>(nullptr);
    __builtin_cpu_init();
    const bool avx512 = most != "avx2" && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512dq");
    if (avx512) return &avx512::kTable;
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("f16c");
    if (avx2) return &avx2::kTable;
    return static_cast<const Table*>(nullptr);
  }();
  return widest;
#else
  return nullptr;
#endif
}

}  // namespace unclip::kernels
