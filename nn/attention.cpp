#include "nn/attention.h"

#include <ATen/ATen.h>

#include "kernels/kernel.h"

namespace unclip {

std::pair<at::Tensor, at::Tensor> halves(const at::Tensor& x, int64_t dim) {
  const auto half = x.size(dim) / 2;
  TORCH_CHECK(2 * half == x.size(dim), "halves: dimension ", dim, " is odd: ", x.size(dim));
  return {x.narrow(dim, 0, half), x.narrow(dim, half, half)};
}

at::Tensor split_heads(const at::Tensor& x, int64_t heads) {
  return x.unflatten(-1, {heads, x.size(-1) / heads}).transpose(1, 2);
}

at::Tensor merge_heads(const at::Tensor& x) { return x.transpose(1, 2).flatten(2); }

KeysValues joined(const std::vector<KeysValues>& parts) {
  if (parts.size() == 1) return parts.front();
  std::vector<at::Tensor> keys, values;
  for (const auto& part : parts) {
    keys.push_back(part.keys);
    values.push_back(part.values);
  }
  return {.keys = at::cat(keys, 2), .values = at::cat(values, 2)};
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask) {
  static const auto attention =
      kernel<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                        const std::optional<at::Tensor>&)>("unclip::attention");
  return attention.call(q, k, v, mask);
}

at::Tensor additive_mask(const at::Tensor& mask, at::ScalarType dtype) {
  return (1 - mask.to(dtype)) * -10000.0;
}

}  // namespace unclip
