#pragma once

#include <cstdint>

// The interface between the vector sources and the operators: plain pointers and sizes, no
// libtorch. All memory is dense; images are (B, H, W, C), channels last.

namespace unclip::kernels {

// Inline functions here are always inlined: a copy of one that was compiled for AVX-512 could
// otherwise serve sources that run on any processor.
#define UNCLIP_ALWAYS_INLINE [[gnu::always_inline]] inline

enum class Storage { kFloat32, kBFloat16, kFloat16 };

/// y = conv(x) + bias + residual, 3x3, stride 1, zero padding of 1.
struct Conv3x3 {
  Storage storage;  // of every pointer
  int64_t batch, height, width, in, out;
  const void* x;         // (B, H, W, C_in)
  const void* weight;    // (C_out, C_in, 3, 3)
  const void* bias;      // (C_out), may be null
  const void* residual;  // (B, H, W, C_out), may be null
  void* y;               // (B, H, W, C_out)

  /// Tiles of 4x4 pixels of the result, of which an image's last ones may extend past its edge.
  UNCLIP_ALWAYS_INLINE int64_t tiles_down() const { return (height + 3) / 4; }
  UNCLIP_ALWAYS_INLINE int64_t tiles_across() const { return (width + 3) / 4; }
  UNCLIP_ALWAYS_INLINE int64_t tiles() const { return batch * tiles_down() * tiles_across(); }
};

struct Range {
  int64_t begin, end;
  UNCLIP_ALWAYS_INLINE int64_t size() const { return end - begin; }
};
struct ConvPart {
  Range tiles;
  Range outs;  // output channels; begin is a multiple of the table's `chunk`
};

/// y = act(scale[b, c] x + shift[b, c])
struct ScaleShift {
  Storage storage;
  int64_t batch, pixels, channels;
  const void* x;       // (B, S, C)
  const float* scale;  // (B, C)
  const float* shift;  // (B, C)
  bool silu;
  void* y;
};

/// y = act(scale'[b, s, c] (norm_scale[b, c] x + norm_shift[b, c]) + shift'[b, s, c]). A pixel of
/// scale and shift is that of rows_per_scale x columns_per_scale pixels of x.
struct SpatialScaleShift {
  Storage storage;  // of x, scale, shift and y
  int64_t height, width, channels;
  int64_t rows_per_scale, columns_per_scale;  // H / h and W / w
  const void* x;                              // (B, H, W, C)
  const float *norm_scale, *norm_shift;       // (B, C)
  const void *scale, *shift;                  // (B, h, w, C)
  bool silu;
  void* y;  // (B, H, W, C)
};

/// y = x W^T + b
struct FewRows {
  Storage storage;
  int64_t rows, in, out;
  const float* x;      // (rows, in)
  const void* weight;  // (out, in)
  const void* bias;    // (out), may be null
  void* y;             // (rows, out)
};

/// y = x W^T + b in float32, for many rows
struct Product {
  Storage storage;  // of the weight
  int64_t rows, in, out;
  const float* x;      // (rows, in)
  const void* weight;  // (out, in)
  const float* bias;   // (out), may be null
  float* y;            // (rows, out)
};

/// y = softmax(scale q k^T + mask) v in float32
struct Attention {
  int64_t batch, heads, queries, keys, width;
  const float* q;                    // (B, N, T, K), strides in numbers:
  int64_t q_batch, q_head, q_query;  // the numbers of each query are dense
  const float *k, *v;                // (B, N, T', K)
  const float* mask;                 // (B or 1, T or 1, T'), may be null
  int64_t mask_batch, mask_query;    // strides; 0: the same for all
  float scale;
  float* y;  // (B, T, N, K)
};
inline constexpr int64_t kAttentionBlock = 112;  // queries at once

/// The same for few queries: keys and values are read once, in place and in their own type.
struct FewQueries {
  Storage storage;
  int64_t batch, heads, queries, keys, width;
  /// (B, N, tokens, K), with strides in numbers; the numbers of each token are dense.
  struct Operand {
    const void* first;
    int64_t batch, head, token;
  };
  Operand q, k, v;
  const float* mask;               // as in Attention
  int64_t mask_batch, mask_query;  // strides of the mask
  float scale;
  void* y;  // (B, T, N, K)
};
inline constexpr int64_t kMostFewQueries = 4;

/// The same functions, compiled for one instruction set.
struct Table {
  const char* name;
  int64_t chunk;  // output channels that winograd takes at once

  /// Computes a part of conv. `scratch` holds winograd_scratch(conv, part.tiles.size()) floats.
  void (*winograd)(const Conv3x3& conv, const ConvPart& part, float* scratch);
  int64_t (*winograd_scratch)(const Conv3x3& conv, int64_t tiles);

  /// Computes for the pixels [begin, end) each channel's sum and sum of squares, both of the
  /// distance from `pivot` (C).
  void (*moments)(Storage storage, const void* x, int64_t channels, int64_t begin, int64_t end,
                  const float* pivot, float* sums, float* squares);
  /// Computes the pixels [begin, end) of all B S pixels.
  void (*scale_shift)(const ScaleShift& args, int64_t begin, int64_t end);
  /// Computes the rows [begin, end) of all B H rows of pixels.
  void (*spatial_scale_shift)(const SpatialScaleShift& args, int64_t begin, int64_t end);

  /// Computes the outputs [begin, end). The outputs of a row do not depend on the other rows.
  void (*few_rows)(const FewRows& args, int64_t begin, int64_t end);

  /// Computes the rows [begin, end). `scratch` holds product_scratch(args) floats.
  void (*product)(const Product& args, int64_t begin, int64_t end, float* scratch);
  int64_t (*product_scratch)(const Product& args);

  /// Computes the blocks [begin, end) of kAttentionBlock queries, head by head for all B N.
  /// `scratch` holds attention_scratch(args) floats.
  void (*attention)(const Attention& args, int64_t begin, int64_t end, float* scratch);
  int64_t (*attention_scratch)(const Attention& args);

  /// Computes the heads [begin, end) of all B N. `scratch` holds few_queries_scratch(args) floats.
  void (*few_queries)(const FewQueries& args, int64_t begin, int64_t end, float* scratch);
  int64_t (*few_queries_scratch)(const FewQueries& args);
};

/// The table of the widest instruction set that this processor has; null if it has none of them.
/// ATEN_CPU_CAPABILITY=avx2 or =default limits it, and libtorch, to less.
const Table* table();

}  // namespace unclip::kernels

namespace unclip::avx2 {
extern const kernels::Table kTable;
}
namespace unclip::avx512 {
extern const kernels::Table kTable;
}
