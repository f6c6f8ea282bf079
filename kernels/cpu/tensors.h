#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "kernels/cpu/kernels.h"
#include "kernels/processor.h"

// What the operators' doors share: tensors as the kernels take them.

namespace unclip::kernels {

/// The kernels' name for a tensor's type; nothing for one that they do not read.
inline std::optional<Storage> storage(const at::Tensor& tensor) {
  if (tensor.scalar_type() == at::kFloat) return Storage::kFloat32;
  if (tensor.scalar_type() == at::kBFloat16) return Storage::kBFloat16;
  if (tensor.scalar_type() == at::kHalf) return Storage::kFloat16;
  return std::nullopt;
}

/// A tensor in another type, or as it is.
struct As {
  at::ScalarType type;
  at::Tensor operator()(const at::Tensor& tensor) const { return tensor.to(type); }
  std::optional<at::Tensor> operator()(const std::optional<at::Tensor>& tensor) const {
    return tensor ? std::make_optional(tensor->to(type)) : std::nullopt;
  }
};
inline constexpr As float32{at::kFloat};

/// The type itself where the processor multiplies it, else float32.
inline at::ScalarType quick_type(at::ScalarType type) {
  return multiplies(type) ? type : at::kFloat;
}

/// work(as) -> a tensor, in `type`: work takes its operands as(operand), in the type's quick one.
template <class Work>
at::Tensor in_a_quick_type(at::ScalarType type, const Work& work) {
  return work(As{quick_type(type)}).to(type);
}

inline const void* data_of(const std::optional<at::Tensor>& tensor) {
  return tensor ? tensor->const_data_ptr() : nullptr;
}

inline int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// A thread's working memory. It is kept: giving it back and asking for it again costs the kernel's
/// filling it with zeros each time.
inline float* scratch(int64_t numbers) {
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  thread_local std::unique_ptr<float, Free> memory;
  thread_local int64_t size = 0;
  if (size < numbers) {
    constexpr size_t kAlignment = 64;
    memory.reset();
    size = 0;
    const auto bytes = divided_up(numbers * sizeof(float), kAlignment) * kAlignment;
    memory.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
    TORCH_CHECK(memory != nullptr, "no memory for ", bytes, " bytes");
    size = numbers;
  }
  return memory.get();
}

}  // namespace unclip::kernels
