#pragma once

#include <c10/core/ScalarType.h>

#include <cstdlib>
#include <string_view>

namespace unclip {

/// The value of the environment variable ATEN_CPU_CAPABILITY. It is libtorch's own variable, so
/// that one setting applies to both: avx2 and default limit them to less than the processor has.
inline std::string_view cpu_capability() {
  const char* name = std::getenv("ATEN_CPU_CAPABILITY");
  return name == nullptr ? "" : name;
}

/// Whether the processor has instructions that multiply this type, if it is bfloat16 or float16;
/// true for every other type. Without them libtorch's products are ten times slower than in
/// float32.
inline bool multiplies(c10::ScalarType type) {
  struct Halves {
    bool bfloat16 = false, float16 = false;
  };
  static const Halves halves = [] {
    Halves has;
#if defined(__x86_64__) && !defined(__clang__)  // clang 14 does not know avx512fp16
    const auto most = cpu_capability();
    if (most == "avx2" || most == "default") return has;
    __builtin_cpu_init();
    has.bfloat16 = __builtin_cpu_supports("avx512bf16");
    has.float16 = __builtin_cpu_supports("avx512fp16");
#endif
    return has;
  }();
  return type == c10::kBFloat16 ? halves.bfloat16 : type == c10::kHalf ? halves.float16 : true;
}

}  // namespace unclip
