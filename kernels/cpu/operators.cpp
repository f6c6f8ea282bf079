#include "kernels/operators.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#include "kernels/cpu/kernels.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/tensors.h"

// unclip's operators on the CPU: decides which calls the kernels handle, and how the threads share
// them.

namespace unclip::kernels {
namespace {

// Below this number, most of the time is spent on reading weights, and Winograd's are four times as
// many.
constexpr int64_t kFewestTiles = 4;
// The largest V of a thread, in numbers: it should stay in the thread's share of the last cache.
constexpr int64_t kMostV = 5 << 18;
constexpr int64_t kFewRowsOfOne = 8;
// The largest matrix, in numbers, that every thread copies to the new layout.
constexpr int64_t kMostProduct = 1 << 22;
// The least number of tiles per thread; with fewer, computing U takes longer than computing V.
constexpr int64_t kFewTiles = 64;

bool agree(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  return weight.scalar_type() == x.scalar_type() && weight.is_contiguous() &&
         (!bias || (bias->scalar_type() == x.scalar_type() && bias->is_contiguous()));
}

bool suits_winograd(const at::Tensor& x, const at::Tensor& weight,
                    const std::optional<at::Tensor>& bias) {
  if (table() == nullptr || x.dim() != 4 || !storage(x) || !agree(x, weight, bias)) return false;
  // Decided by one image's size, so that the batch does not change the result of an image.
  const auto tiles = divided_up(x.size(2), 4) * divided_up(x.size(3), 4);
  return tiles >= kFewestTiles;
}

/// [0, count) divided into `parts` parts that are as equal as possible.
std::vector<Range> split(int64_t count, int64_t parts) {
  std::vector<Range> ranges;
  for (int64_t i = 0; i < parts; ++i) {
    ranges.push_back({.begin = count * i / parts, .end = count * (i + 1) / parts});
  }
  return ranges;
}

/// Equal parts, the same number for each thread. Every part computes its own U, so if there are few
/// tiles, the threads share the output channels instead of the tiles.
std::vector<ConvPart> parts_of(const Conv3x3& conv) {
  const int64_t threads = at::get_num_threads(), tiles = conv.tiles();
  const auto chunk = table()->chunk, chunks = divided_up(conv.out, chunk);
  const auto most = std::max(kFewestTiles, kMostV / (36 * conv.in));
  std::vector<ConvPart> parts;
  if (divided_up(tiles, threads) < kFewTiles && chunks >= threads) {
    for (const auto& outs : split(chunks, threads)) {
      for (const auto& range : split(tiles, divided_up(tiles, most))) {
        parts.push_back(
            {.tiles = range,
             .outs = {.begin = outs.begin * chunk, .end = std::min(outs.end * chunk, conv.out)}});
      }
    }
  } else {
    const auto count = std::min(tiles, threads * divided_up(divided_up(tiles, threads), most));
    for (const auto& range : split(tiles, count)) {
      parts.push_back({.tiles = range, .outs = {.begin = 0, .end = conv.out}});
    }
  }
  return parts;
}

at::Tensor conv3x3_cpu(const at::Tensor& x_any, const at::Tensor& weight,
                       const std::optional<at::Tensor>& bias,
                       const std::optional<at::Tensor>& residual_any) {
  if (!suits_winograd(x_any, weight, bias)) {
    return in_a_quick_type(x_any.scalar_type(), [&](const As& as) {
      const auto x = as(x_any).contiguous(at::MemoryFormat::ChannelsLast);
      return conv3x3(x, as(weight), as(bias), as(residual_any));
    });
  }
  TORCH_CHECK(weight.size(1) == x_any.size(1) && weight.size(2) == 3 && weight.size(3) == 3,
              "conv3x3: weight ", weight.sizes(), " for x ", x_any.sizes());
  const auto x = x_any.contiguous(at::MemoryFormat::ChannelsLast);
  auto y = at::empty({x.size(0), weight.size(0), x.size(2), x.size(3)},
                     x.options().memory_format(at::MemoryFormat::ChannelsLast));
  std::optional<at::Tensor> residual;
  if (residual_any) {
    TORCH_CHECK(residual_any->sizes() == y.sizes(), "conv3x3: residual ", residual_any->sizes(),
                " for ", y.sizes());
    residual = residual_any->to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
  }
  const Conv3x3 conv{.storage = *storage(x),
                     .batch = x.size(0),
                     .height = x.size(2),
                     .width = x.size(3),
                     .in = x.size(1),
                     .out = weight.size(0),
                     .x = x.const_data_ptr(),
                     .weight = weight.const_data_ptr(),
                     .bias = data_of(bias),
                     .residual = data_of(residual),
                     .y = y.data_ptr()};
  const auto parts = parts_of(conv);
  parallel_for(0, static_cast<int64_t>(parts.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = begin; i < end; ++i) {
      const auto size = table()->winograd_scratch(conv, parts[i].tiles.size());
      table()->winograd(conv, parts[i], scratch(size));
    }
  });
  return y;
}

void multiply_few_rows(const at::Tensor& x, const at::Tensor& weight,
                       const std::optional<at::Tensor>& bias, at::Tensor& y) {
  const auto in = weight.size(1);
  const auto x_rows = float32(x).contiguous();
  const FewRows args{.storage = *storage(x),
                     .rows = x.numel() / in,
                     .in = in,
                     .out = weight.size(0),
                     .x = x_rows.const_data_ptr<float>(),
                     .weight = weight.const_data_ptr(),
                     .bias = data_of(bias),
                     .y = y.data_ptr()};
  constexpr int64_t kNumbers = 1 << 15;  // weights: a thread's share, at least
  parallel_for(0, args.out, std::max<int64_t>(1, kNumbers / in),
               [&](int64_t begin, int64_t end) { table()->few_rows(args, begin, end); });
}

void multiply_rows(const at::Tensor& x_any, const at::Tensor& weight,
                   const std::optional<at::Tensor>& bias_any, at::Tensor& y_any) {
  const auto x = float32(x_any).contiguous();
  const auto bias = float32(bias_any);
  const auto y = y_any.scalar_type() == at::kFloat ? y_any : at::empty(y_any.sizes(), x.options());
  const Product args{.storage = *storage(weight),
                     .rows = x.numel() / weight.size(1),
                     .in = weight.size(1),
                     .out = weight.size(0),
                     .x = x.const_data_ptr<float>(),
                     .weight = weight.const_data_ptr(),
                     .bias = static_cast<const float*>(data_of(bias)),
                     .y = y.mutable_data_ptr<float>()};
  constexpr int64_t kOperations = 1 << 20;  // a thread's share, at least
  const auto grain = std::max<int64_t>(1, kOperations / (args.in * args.out));
  parallel_for(0, args.rows, grain, [&](int64_t begin, int64_t end) {
    table()->product(args, begin, end, scratch(table()->product_scratch(args)));
  });
  if (!y.is_same(y_any)) y_any.copy_(y);
}

/// Beyond this number of rows libtorch's product is faster: in float32, or in the type itself.
int64_t most_few_rows(at::ScalarType type) { return quick_type(type) == at::kFloat ? 32 : 8; }

at::Tensor linear_cpu(const at::Tensor& x, const at::Tensor& weight,
                      const std::optional<at::Tensor>& bias) {
  const auto type = x.scalar_type();
  const auto in = weight.size(-1), rows = in == 0 ? 0 : x.numel() / in;
  const bool suits = table() != nullptr && storage(x) && agree(x, weight, bias) && rows > 0 &&
                     weight.dim() == 2 && x.size(-1) == in;
  // Each thread copies the matrix to the new layout for itself.
  const bool many = suits && quick_type(type) == at::kFloat && weight.numel() <= kMostProduct;
  // If both are possible, the choice depends only on the rows of one image: the two products add in
  // different orders, and the batch should not change the result of an image.
  const bool few = suits && (many ? rows <= kFewRowsOfOne * (x.dim() < 3 ? rows : x.size(0))
                                  : rows <= most_few_rows(type));
  if (!few && !many) {
    return in_a_quick_type(
        type, [&](const As& as) { return kernels::linear(as(x), as(weight), as(bias)); });
  }
  auto shape = x.sizes().vec();
  shape.back() = weight.size(0);
  auto y = at::empty(shape, x.options());
  (few ? multiply_few_rows : multiply_rows)(x, weight, bias, y);
  return y;
}

at::Tensor conv2d_cpu(const at::Tensor& x, const at::Tensor& weight,
                      const std::optional<at::Tensor>& bias, int64_t stride, int64_t padding,
                      int64_t padding_after) {
  return in_a_quick_type(x.scalar_type(), [&](const As& as) {
    return conv2d(as(x), as(weight), as(bias), stride, padding, padding_after);
  });
}

}  // namespace

TORCH_LIBRARY_IMPL(unclip, CPU, m) {
  m.impl("conv2d", conv2d_cpu);
  m.impl("conv3x3", conv3x3_cpu);
  m.impl("linear", linear_cpu);
}

}  // namespace unclip::kernels
