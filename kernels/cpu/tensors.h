#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "kernels/cpu/kernels.h"
#include "kernels/processor.h"

// Functions that all operators share, to pass tensors to the kernels.

namespace unclip::kernels {

/// The tensor's type as the kernels name it; nothing if they do not support it.
inline std::optional<Storage> storage(const at::Tensor& tensor) {
  if (tensor.scalar_type() == at::kFloat) return Storage::kFloat32;
  if (tensor.scalar_type() == at::kBFloat16) return Storage::kBFloat16;
  if (tensor.scalar_type() == at::kHalf) return Storage::kFloat16;
  return std::nullopt;
}

/// Converts tensors to a type; a tensor of that type is returned unchanged.
struct As {
  at::ScalarType type;
  at::Tensor operator()(const at::Tensor& tensor) const { return tensor.to(type); }
  std::optional<at::Tensor> operator()(const std::optional<at::Tensor>& tensor) const {
    return tensor ? std::make_optional(tensor->to(type)) : std::nullopt;
  }
};
inline constexpr As float32{at::kFloat};

/// The type itself if the processor can multiply it, otherwise float32.
inline at::ScalarType quick_type(at::ScalarType type) {
  return multiplies(type) ? type : at::kFloat;
}

/// Calls work(as), which returns a tensor and reads its operands as as(operand), in
/// quick_type(type). Returns the result in `type`.
template <class Work>
at::Tensor in_a_quick_type(at::ScalarType type, const Work& work) {
  return work(As{quick_type(type)}).to(type);
}

inline const void* data_of(const std::optional<at::Tensor>& tensor) {
  return tensor ? tensor->const_data_ptr() : nullptr;
}

inline int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// A thread's working memory. It is kept between calls, because the system fills newly allocated
/// memory with zeros each time.
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
