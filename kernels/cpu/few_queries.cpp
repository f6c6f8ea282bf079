#include "kernels/cpu/few_queries.h"

#include "kernels/cpu/exponentials.h"

// softmax(q k^T / sqrt(K) + mask) v for a step's few queries. Copying keys and values to the layout
// of the product's micro-kernel would take longer than reading them once in place.

namespace unclip::UNCLIP_ISA {
namespace {

using kernels::FewQueries;

int64_t whole_vectors(int64_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

/// A head's first token.
template <class T>
const T* first_of(const FewQueries::Operand& operand, int64_t b, int64_t n) {
  return static_cast<const T*>(operand.first) + b * operand.batch + n * operand.head;
}

template <int kQueries, class T>
void attend(const FewQueries& a, int64_t b, int64_t n, float* scratch) {
  const int64_t q_step = whole_vectors(a.width), step = whole_vectors(a.keys);
  float* q = scratch;                     // (queries, K in whole vectors)
  float* scores = q + kQueries * q_step;  // (queries, T' in whole vectors)
  const T* q_row = first_of<T>(a.q, b, n);
  for (int r = 0; r < kQueries; ++r) {
    for (int64_t c = 0; c < a.width; c += kLanes) {
      store(q + r * q_step + c, load_some(q_row + r * a.q.token + c, a.width - c));
    }
  }

  const T* key = first_of<T>(a.k, b, n);
  for (int64_t t = 0; t < a.keys; ++t, key += a.k.token) {
    Vec products[kQueries] = {};
    for (int64_t c = 0; c < a.width; c += kLanes) {
      const Vec k = load_some(key + c, a.width - c);
      for (int r = 0; r < kQueries; ++r) products[r] += load(q + r * q_step + c) * k;
    }
    for (int r = 0; r < kQueries; ++r) scores[r * step + t] = sum(products[r]);
  }

  float share[kQueries];
  for (int r = 0; r < kQueries; ++r) {
    const float* mask = a.mask == nullptr ? nullptr : a.mask + b * a.mask_batch + r * a.mask_query;
    share[r] = 1 / exponentials(scores + r * step, a.keys, a.scale, mask);
  }

  T* y = static_cast<T*>(a.y) + (b * a.queries * a.heads + n) * a.width;
  for (int64_t c = 0; c < a.width; c += kLanes) {
    Vec sums[kQueries] = {};
    const T* value = first_of<T>(a.v, b, n) + c;
    for (int64_t t = 0; t < a.keys; ++t, value += a.v.token) {
      const Vec v = load_some(value, a.width - c);
      for (int r = 0; r < kQueries; ++r) sums[r] += scores[r * step + t] * v;
    }
    for (int r = 0; r < kQueries; ++r) {
      store_some(y + r * a.heads * a.width + c, sums[r] * share[r], a.width - c);
    }
  }
}

template <class T>
void attend_any(const FewQueries& a, int64_t b, int64_t n, float* scratch) {
  switch (a.queries) {
    case 1:
      return attend<1, T>(a, b, n, scratch);
    case 2:
      return attend<2, T>(a, b, n, scratch);
    case 3:
      return attend<3, T>(a, b, n, scratch);
    default:
      return attend<4, T>(a, b, n, scratch);
  }
}

}  // namespace

void few_queries(const FewQueries& args, int64_t begin, int64_t end, float* scratch) {
  with_number(args.storage, [&](auto number) {
    for (int64_t head = begin; head < end; ++head) {
      attend_any<decltype(number)>(args, head / args.heads, head % args.heads, scratch);
    }
  });
}

int64_t few_queries_scratch(const FewQueries& args) {
  return args.queries * (whole_vectors(args.width) + whole_vectors(args.keys));
}

}  // namespace unclip::UNCLIP_ISA
