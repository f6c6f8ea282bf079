#include "kernels/cpu/attention.h"

#include "kernels/cpu/exponentials.h"
#include "kernels/cpu/multiply.h"

// softmax(q k^T / sqrt(K) + mask) v in float32, one block of a head's queries at a time. The
// block's scores with all keys stay in the core's cache while they are turned into weights and
// multiplied with the values.

namespace unclip::UNCLIP_ISA {
namespace {

using kernels::Attention;

constexpr int64_t kBlock = kernels::kAttentionBlock;

int64_t whole_chunks(int64_t count) { return divided_up(count, kChunk) * kChunk; }

/// The places of a head's operands in the scratch memory.
struct Scratch {
  float* keys;    // (T' / chunk, K, chunk)
  float* values;  // (K / chunk, T', chunk)
  float* scores;  // (block, T' in whole chunks)
  float* sums;    // (block)
  float* rest;    // (block, chunk)
};
Scratch divided(const Attention& a, float* scratch) {
  Scratch s;
  s.keys = scratch;
  s.values = s.keys + whole_chunks(a.keys) * a.width;
  s.scores = s.values + whole_chunks(a.width) * a.keys;
  s.sums = s.scores + kBlock * whole_chunks(a.keys);
  s.rest = s.sums + kBlock;
  return s;
}

void lay_out_values(const Attention& a, const float* v, float* out) {
  for (int64_t chunk = 0; chunk < a.width; chunk += kChunk) {
    for (int64_t t = 0; t < a.keys; ++t) {
      const float* row = v + t * a.width + chunk;
      store(out, load_some(row, a.width - chunk));
      store(out + kLanes, load_some(row + kLanes, a.width - chunk - kLanes));
      out += kChunk;
    }
  }
}

void attend(const Attention& a, int64_t b, int64_t n, int64_t first, int64_t rows,
            const Scratch& s) {
  const int64_t step = whole_chunks(a.keys);
  const ConstRows q{.first = a.q + b * a.q_batch + n * a.q_head + first * a.q_query,
                    .step = a.q_query};
  for (int64_t t = 0; t < a.keys; t += kChunk) {
    multiply(q, rows, s.keys + t * a.width, a.width, nullptr,
             {.first = s.scores + t, .step = step});
  }
  for (int64_t r = 0; r < rows; ++r) {
    const float* mask =
        a.mask == nullptr ? nullptr : a.mask + b * a.mask_batch + (first + r) * a.mask_query;
    s.sums[r] = exponentials(s.scores + r * step, a.keys, a.scale, mask);
  }
  const int64_t y_step = a.heads * a.width;
  float* y = a.y + ((b * a.queries + first) * a.heads + n) * a.width;
  for (int64_t c = 0; c < a.width; c += kChunk) {
    multiply({.first = s.scores, .step = step}, rows, s.values + c * a.keys, a.keys, nullptr,
             {.first = s.rest, .step = kChunk});
    const int64_t width = a.width - c < kChunk ? a.width - c : kChunk;
    for (int64_t r = 0; r < rows; ++r) {
      const float share = 1 / s.sums[r];
      for (int64_t i = 0; i < width; ++i) y[r * y_step + c + i] = s.rest[r * kChunk + i] * share;
    }
  }
}

}  // namespace

void attention(const Attention& args, int64_t begin, int64_t end, float* scratch) {
  const Scratch s = divided(args, scratch);
  const int64_t blocks = divided_up(args.queries, kBlock);
  int64_t laid_out = -1;  // the head whose keys and values are in the scratch
  for (int64_t i = begin; i < end; ++i) {
    const int64_t head = i / blocks, first = i % blocks * kBlock;
    if (head != laid_out) {
      const int64_t at = head * args.keys * args.width;
      for (int64_t t = 0; t < args.keys; t += kChunk) {
        lay_out(args.k + at, args.keys, args.width, t, s.keys + t * args.width);
      }
      lay_out_values(args, args.v + at, s.values);
      laid_out = head;
    }
    const int64_t left = args.queries - first;
    attend(args, head / args.heads, head % args.heads, first, left < kBlock ? left : kBlock, s);
  }
}

int64_t attention_scratch(const Attention& args) {
  return whole_chunks(args.keys) * (args.width + kBlock) + whole_chunks(args.width) * args.keys +
         kBlock * (1 + kChunk);
}

}  // namespace unclip::UNCLIP_ISA
