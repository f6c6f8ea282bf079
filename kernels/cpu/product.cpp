#include "kernels/cpu/product.h"

#include "kernels/cpu/multiply.h"

// The product of many rows with a matrix, in float32. The matrix is copied to the layout of the
// micro-kernel, (out / chunk, in, chunk). Then a few rows at a time, which stay in a core's cache,
// are multiplied with all of it.

namespace unclip::UNCLIP_ISA {
namespace {

using kernels::Product;

constexpr int64_t kBlock = 8 * kRows;  // rows

}  // namespace

void product(const Product& args, int64_t begin, int64_t end, float* scratch) {
  float* laid_out = scratch;
  float* rest = laid_out + divided_up(args.out, kChunk) * args.in * kChunk;  // of a narrow chunk
  with_number(args.storage, [&](auto number) {
    const auto* weight = static_cast<const decltype(number)*>(args.weight);
    for (int64_t o = 0; o < args.out; o += kChunk) {
      lay_out(weight, args.out, args.in, o, laid_out + o * args.in);
    }
  });

  for (int64_t r = begin; r < end; r += kBlock) {
    const int64_t rows = end - r < kBlock ? end - r : kBlock;
    for (int64_t o = 0; o < args.out; o += kChunk) {
      const ConstRows x{.first = args.x + r * args.in, .step = args.in};
      const Rows y{.first = args.y + r * args.out + o, .step = args.out};
      const float* weight = laid_out + o * args.in;
      if (o + kChunk <= args.out) {
        multiply(x, rows, weight, args.in, args.bias == nullptr ? nullptr : args.bias + o, y);
        continue;
      }
      multiply(x, rows, weight, args.in, nullptr, {.first = rest, .step = kChunk});
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t c = 0; c < args.out - o; ++c) {
          y.first[i * y.step + c] =
              rest[i * kChunk + c] + (args.bias == nullptr ? 0 : args.bias[o + c]);
        }
      }
    }
  }
}

int64_t product_scratch(const Product& args) {
  return divided_up(args.out, kChunk) * args.in * kChunk + kBlock * kChunk;
}

}  // namespace unclip::UNCLIP_ISA
