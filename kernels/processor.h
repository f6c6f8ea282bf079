#pragma once

#include <c10/core/ScalarType.h>

#include <cstdlib>
#include <string_view>

namespace unclip {

/// ATEN_CPU_CAPABILITY, libtorch's own variable, so that one word holds for both: avx2 and default
/// hold them to less than the processor has.
inline std::string_view cpu_capability() {
  const char* name = std::getenv("ATEN_CPU_CAPABILITY");
  return name == nullptr ? "" : name;
}

/// Whether the processor multiplies bfloat16 or float16 by instructions of its own; true of every
/// other type. Without them libtorch's products are an order of magnitude slower than float32's.
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
