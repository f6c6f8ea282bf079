#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <c10/core/TensorOptions.h>

#include <functional>
#include <optional>
#include <vector>

namespace unclip {

// Operators of libtorch that are not members of at::Tensor, for sources that need few of them:
// compiling <ATen/ATen.h> takes four times as long as this header. Each function calls the operator
// of its name; names and defaults are libtorch's. Include it in sources, not in headers, and not
// together with <ATen/ATen.h>.
namespace ops {

at::Tensor empty(at::IntArrayRef sizes, at::TensorOptions options = {});
at::Tensor zeros(at::IntArrayRef sizes, at::TensorOptions options = {});
at::Tensor ones(at::IntArrayRef sizes, at::TensorOptions options = {});
at::Tensor full(at::IntArrayRef sizes, const at::Scalar& value, at::TensorOptions options = {});
at::Tensor empty_like(const at::Tensor& x);
at::Tensor zeros_like(const at::Tensor& x);
at::Tensor ones_like(const at::Tensor& x);
at::Tensor full_like(const at::Tensor& x, const at::Scalar& value);
at::Tensor scalar_tensor(const at::Scalar& value, at::TensorOptions options = {});

/// 0, 1, ... up to, not including, `end`.
at::Tensor arange(const at::Scalar& end, at::TensorOptions options = {});
at::Tensor arange(const at::Scalar& begin, const at::Scalar& end, at::TensorOptions options = {});
at::Tensor randn(at::IntArrayRef sizes, std::optional<at::Generator> generator,
                 at::TensorOptions options = {});

/// A tensor with a copy of the values, of their type unless `dtype` says another.
at::Tensor tensor(at::ArrayRef<double> values, std::optional<at::ScalarType> dtype = {});
at::Tensor tensor(at::ArrayRef<float> values, std::optional<at::ScalarType> dtype = {});
at::Tensor tensor(at::ArrayRef<int64_t> values, std::optional<at::ScalarType> dtype = {});
/// A view of memory that must outlive it.
at::Tensor from_blob(void* data, at::IntArrayRef sizes, at::TensorOptions options = {});
/// The same; `deleter` is called when the last view of the memory is destroyed.
at::Tensor from_blob(void* data, at::IntArrayRef sizes, const std::function<void(void*)>& deleter,
                     at::TensorOptions options = {});

at::Tensor cat(at::TensorList tensors, int64_t dim = 0);
at::Tensor stack(at::TensorList tensors, int64_t dim = 0);
/// `tensor`, indexed by one tensor for each of its first dimensions.
at::Tensor index(const at::Tensor& tensor, const std::vector<at::Tensor>& indices);
at::Tensor constant_pad_nd(const at::Tensor& x, at::IntArrayRef pad, const at::Scalar& value = 0);

at::Tensor silu(const at::Tensor& x);
at::Tensor avg_pool2d(const at::Tensor& x, at::IntArrayRef kernel_size);
at::Tensor upsample_nearest2d(const at::Tensor& x, at::IntArrayRef output_size);
/// Bicubic, antialiased, corners not aligned.
at::Tensor upsample_bicubic2d_aa(const at::Tensor& x, at::IntArrayRef output_size);
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias, at::IntArrayRef stride,
                  at::IntArrayRef padding, int64_t groups = 1);
at::Tensor cosine_similarity(const at::Tensor& x, const at::Tensor& y, int64_t dim = 1);

}  // namespace ops

at::Tensor operator+(const at::Tensor& x, const at::Tensor& y);
at::Tensor operator+(const at::Tensor& x, const at::Scalar& y);
at::Tensor operator+(const at::Scalar& x, const at::Tensor& y);
at::Tensor operator-(const at::Tensor& x, const at::Tensor& y);
at::Tensor operator-(const at::Tensor& x, const at::Scalar& y);
at::Tensor operator-(const at::Scalar& x, const at::Tensor& y);
at::Tensor operator*(const at::Tensor& x, const at::Tensor& y);
at::Tensor operator*(const at::Tensor& x, const at::Scalar& y);
at::Tensor operator*(const at::Scalar& x, const at::Tensor& y);
at::Tensor operator/(const at::Tensor& x, const at::Tensor& y);
at::Tensor operator/(const at::Tensor& x, const at::Scalar& y);
at::Tensor operator/(const at::Scalar& x, const at::Tensor& y);

}  // namespace unclip
