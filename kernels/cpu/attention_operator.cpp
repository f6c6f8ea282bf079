#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/tensors.h"
#include "kernels/operators.h"

// unclip::attention on the CPU: decides which calls the kernels handle, and how the threads share
// them.

namespace unclip::kernels {
namespace {

/// Whether the same mask is added for every head, (B or 1, 1, T or 1, T').
bool suits_attention(const at::Tensor& q, const at::Tensor& k,
                     const std::optional<at::Tensor>& mask) {
  if (!mask) return true;
  const auto fits = [&](int64_t dim, int64_t size) {
    return mask->size(dim) == size || mask->size(dim) == 1;
  };
  return mask->dim() == 4 && at::isFloatingType(mask->scalar_type()) && mask->size(1) == 1 &&
         mask->size(3) == k.size(2) && fits(0, q.size(0)) && fits(2, q.size(2));
}

/// The mask in the form that the kernels read, float32.
struct MaskRows {
  explicit MaskRows(const std::optional<at::Tensor>& any) {
    if (!any) return;
    mask = float32(*any).contiguous();
    first = mask.const_data_ptr<float>();
    batch = mask.size(0) == 1 ? 0 : mask.stride(0);
    query = mask.size(2) == 1 ? 0 : mask.stride(2);
  }
  at::Tensor mask;
  const float* first = nullptr;
  int64_t batch = 0, query = 0;
};

FewQueries::Operand operand(const at::Tensor& tensor) {
  return {.first = tensor.const_data_ptr(),
          .batch = tensor.stride(0),
          .head = tensor.stride(1),
          .token = tensor.stride(2)};
}

constexpr int64_t kAttentionOperations = 1 << 19;  // least share of a thread
// The widest head of the kernel. It copies all keys and values for each thread, and computes whole
// chunks of a head's width. libtorch's, which visits the keys a block at a time, is a fifth faster
// for one head of 512 and for 16 of 104, and its memory does not grow with the product of the
// tokens.
constexpr int64_t kMostAttentionWidth = 64;

at::Tensor attend_few(const at::Tensor& q_any, const at::Tensor& k_any, const at::Tensor& v_any,
                      const std::optional<at::Tensor>& mask_any) {
  const auto dense = [](const at::Tensor& t) { return t.stride(3) == 1 ? t : t.contiguous(); };
  const auto q = dense(q_any), k = dense(k_any), v = dense(v_any);
  const MaskRows mask(mask_any);
  auto y = at::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options());
  const FewQueries args{.storage = *storage(q),
                        .batch = q.size(0),
                        .heads = q.size(1),
                        .queries = q.size(2),
                        .keys = k.size(2),
                        .width = q.size(3),
                        .q = operand(q),
                        .k = operand(k),
                        .v = operand(v),
                        .mask = mask.first,
                        .mask_batch = mask.batch,
                        .mask_query = mask.query,
                        .scale = 1 / std::sqrt(static_cast<float>(q.size(3))),
                        .y = y.data_ptr()};
  const auto each = args.queries * args.keys * args.width;
  parallel_for(0, args.batch * args.heads, std::max<int64_t>(1, kAttentionOperations / each),
               [&](int64_t begin, int64_t end) {
                 table()->few_queries(args, begin, end,
                                      scratch(table()->few_queries_scratch(args)));
               });
  return y.transpose(1, 2);  // (B, N, T, K)
}

at::Tensor attention_cpu(const at::Tensor& q_any, const at::Tensor& k_any, const at::Tensor& v_any,
                         const std::optional<at::Tensor>& mask_any) {
  const auto type = q_any.scalar_type();
  const bool suits = table() != nullptr && storage(q_any) && q_any.dim() == 4 && k_any.dim() == 4 &&
                     k_any.sizes() == v_any.sizes() && k_any.scalar_type() == type &&
                     v_any.scalar_type() == type && k_any.size(0) == q_any.size(0) &&
                     k_any.size(1) == q_any.size(1) && k_any.size(3) == q_any.size(3) &&
                     k_any.numel() > 0 && suits_attention(q_any, k_any, mask_any);
  if (suits && q_any.size(2) <= kMostFewQueries) return attend_few(q_any, k_any, v_any, mask_any);
  if (!suits || q_any.size(3) > kMostAttentionWidth) {
    return in_a_quick_type(type, [&](const As& as) {
      return kernels::attention(as(q_any), as(k_any), as(v_any), as(mask_any));
    });
  }
  // In float32 whatever the storage: there are many more scores and weights than operands.
  auto q = float32(q_any);
  if (q.stride(3) != 1) q = q.contiguous();
  const auto k = float32(k_any).contiguous(), v = float32(v_any).contiguous();
  const MaskRows mask(mask_any);
  auto y = at::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options());
  const Attention args{.batch = q.size(0),
                       .heads = q.size(1),
                       .queries = q.size(2),
                       .keys = k.size(2),
                       .width = q.size(3),
                       .q = q.const_data_ptr<float>(),
                       .q_batch = q.stride(0),
                       .q_head = q.stride(1),
                       .q_query = q.stride(2),
                       .k = k.const_data_ptr<float>(),
                       .v = v.const_data_ptr<float>(),
                       .mask = mask.first,
                       .mask_batch = mask.batch,
                       .mask_query = mask.query,
                       .scale = 1 / std::sqrt(static_cast<float>(q.size(3))),
                       .y = y.mutable_data_ptr<float>()};
  const auto blocks = args.batch * args.heads * divided_up(args.queries, kAttentionBlock);
  const auto each = std::min(args.queries, kAttentionBlock) * args.keys * args.width;
  parallel_for(0, blocks, std::max<int64_t>(1, kAttentionOperations / each),
               [&](int64_t begin, int64_t end) {
                 table()->attention(args, begin, end, scratch(table()->attention_scratch(args)));
               });
  return y.to(type).transpose(1, 2);  // (B, N, T, K)
}

}  // namespace

TORCH_LIBRARY_IMPL(unclip, CPU, m) { m.impl("attention", attention_cpu); }

}  // namespace unclip::kernels
