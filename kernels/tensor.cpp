#include "kernels/tensor.h"

#include <ATen/ATen.h>

namespace unclip {
namespace ops {

at::Tensor empty(at::IntArrayRef sizes, at::TensorOptions options) {
  return at::empty(sizes, options);
}
at::Tensor zeros(at::IntArrayRef sizes, at::TensorOptions options) {
  return at::zeros(sizes, options);
}
at::Tensor ones(at::IntArrayRef sizes, at::TensorOptions options) {
  return at::ones(sizes, options);
}
at::Tensor full(at::IntArrayRef sizes, const at::Scalar& value, at::TensorOptions options) {
  return at::full(sizes, value, options);
}
at::Tensor empty_like(const at::Tensor& x) { return at::empty_like(x); }
at::Tensor zeros_like(const at::Tensor& x) { return at::zeros_like(x); }
at::Tensor ones_like(const at::Tensor& x) { return at::ones_like(x); }
at::Tensor full_like(const at::Tensor& x, const at::Scalar& value) {
  return at::full_like(x, value);
}
at::Tensor scalar_tensor(const at::Scalar& value, at::TensorOptions options) {
  return at::scalar_tensor(value, options);
}

at::Tensor arange(const at::Scalar& end, at::TensorOptions options) {
  return at::arange(end, options);
}
at::Tensor arange(const at::Scalar& begin, const at::Scalar& end, at::TensorOptions options) {
  return at::arange(begin, end, options);
}
at::Tensor randn(at::IntArrayRef sizes, std::optional<at::Generator> generator,
                 at::TensorOptions options) {
  return at::randn(sizes, std::move(generator), options);
}

namespace {
template <class T>
at::Tensor copy(at::ArrayRef<T> values, std::optional<at::ScalarType> dtype) {
  return dtype ? at::tensor(values, *dtype) : at::tensor(values);
}
}  // namespace

at::Tensor tensor(at::ArrayRef<double> values, std::optional<at::ScalarType> dtype) {
  return copy(values, dtype);
}
at::Tensor tensor(at::ArrayRef<float> values, std::optional<at::ScalarType> dtype) {
  return copy(values, dtype);
}
at::Tensor tensor(at::ArrayRef<int64_t> values, std::optional<at::ScalarType> dtype) {
  return copy(values, dtype);
}
at::Tensor from_blob(void* data, at::IntArrayRef sizes, at::TensorOptions options) {
  return at::from_blob(data, sizes, options);
}
at::Tensor from_blob(void* data, at::IntArrayRef sizes, const std::function<void(void*)>& deleter,
                     at::TensorOptions options) {
  return at::from_blob(data, sizes, deleter, options);
}

at::Tensor cat(at::TensorList tensors, int64_t dim) { return at::cat(tensors, dim); }
at::Tensor stack(at::TensorList tensors, int64_t dim) { return at::stack(tensors, dim); }
at::Tensor index(const at::Tensor& tensor, const std::vector<at::Tensor>& indices) {
  return tensor.index(std::vector<at::indexing::TensorIndex>(indices.begin(), indices.end()));
}
at::Tensor constant_pad_nd(const at::Tensor& x, at::IntArrayRef pad, const at::Scalar& value) {
  return at::constant_pad_nd(x, pad, value);
}

at::Tensor silu(const at::Tensor& x) { return at::silu(x); }
at::Tensor avg_pool2d(const at::Tensor& x, at::IntArrayRef kernel_size) {
  return at::avg_pool2d(x, kernel_size);
}
at::Tensor upsample_nearest2d(const at::Tensor& x, at::IntArrayRef output_size) {
  return at::upsample_nearest2d(x, output_size);
}
at::Tensor upsample_bicubic2d_aa(const at::Tensor& x, at::IntArrayRef output_size) {
  return at::_upsample_bicubic2d_aa(x, output_size, /*align_corners=*/false);
}
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight,
                  const std::optional<at::Tensor>& bias, at::IntArrayRef stride,
                  at::IntArrayRef padding, int64_t groups) {
  return at::conv2d(x, weight, bias, stride, padding, /*dilation=*/1, groups);
}
at::Tensor cosine_similarity(const at::Tensor& x, const at::Tensor& y, int64_t dim) {
  return at::cosine_similarity(x, y, dim);
}

}  // namespace ops

at::Tensor operator+(const at::Tensor& x, const at::Tensor& y) { return at::operator+(x, y); }
at::Tensor operator+(const at::Tensor& x, const at::Scalar& y) { return at::operator+(x, y); }
at::Tensor operator+(const at::Scalar& x, const at::Tensor& y) { return at::operator+(x, y); }
at::Tensor operator-(const at::Tensor& x, const at::Tensor& y) { return at::operator-(x, y); }
at::Tensor operator-(const at::Tensor& x, const at::Scalar& y) { return at::operator-(x, y); }
at::Tensor operator-(const at::Scalar& x, const at::Tensor& y) { return at::operator-(x, y); }
at::Tensor operator*(const at::Tensor& x, const at::Tensor& y) { return at::operator*(x, y); }
at::Tensor operator*(const at::Tensor& x, const at::Scalar& y) { return at::operator*(x, y); }
at::Tensor operator*(const at::Scalar& x, const at::Tensor& y) { return at::operator*(x, y); }
at::Tensor operator/(const at::Tensor& x, const at::Tensor& y) { return at::operator/(x, y); }
at::Tensor operator/(const at::Tensor& x, const at::Scalar& y) { return at::operator/(x, y); }
at::Tensor operator/(const at::Scalar& x, const at::Tensor& y) { return at::operator/(x, y); }

}  // namespace unclip
