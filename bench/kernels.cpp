// The kernels beside what libtorch has for the same: one row for each, at the sizes of Karlo's
// and Kandinsky's networks.
//
//   cmake --build build/release --target bench_kernels
//   build/release/bench_kernels [--benchmark_filter=conv3x3]
//
// `per_second` counts the operations of the definition, so two rows of one size compare as their
// times do.

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "kernels/operators.h"
#include "tests/kernels/operators.h"

namespace unclip {
namespace {

enum Way { kOurs, kTorch };

at::ScalarType type_of(int64_t bfloat16) { return bfloat16 != 0 ? at::kBFloat16 : at::kFloat; }

at::Tensor random(std::vector<int64_t> shape, at::ScalarType type, double scale = 1) {
  const auto x = at::randn(shape) * scale;
  const auto format =
      shape.size() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  return x.to(type).contiguous(format);
}

namespace op = testing::op;

void conv3x3(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto in = state.range(0), out = state.range(1), side = state.range(2);
  const auto type = type_of(state.range(3));
  const auto x = random({1, in, side, side}, type);
  const auto weight = random({out, in, 3, 3}, type, 0.02).contiguous();
  const auto bias = random({out}, type);
  for (auto _ : state) {
    benchmark::DoNotOptimize(way == kOurs ? op::conv3x3(x, weight, bias, std::nullopt)
                                          : kernels::conv3x3(x, weight, bias, std::nullopt));
  }
  state.counters["per_second"] =
      benchmark::Counter(2.0 * 9 * static_cast<double>(in * out * side * side),
                         benchmark::Counter::kIsIterationInvariantRate);
}

void group_norm(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto channels = state.range(0), side = state.range(1);
  const auto type = type_of(state.range(2));
  const auto x = random({1, channels, side, side}, type);
  const auto weight = random({channels}, type), bias = random({channels}, type);
  const auto modulation = random({1, 2 * channels}, type);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        way == kOurs ? op::group_norm(x, 32, weight, bias, 1e-5, modulation, true)
                     : kernels::group_norm(x, 32, weight, bias, 1e-5, modulation, true));
  }
  state.counters["bytes"] = benchmark::Counter(3.0 * static_cast<double>(x.nbytes()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

void linear(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto rows = state.range(0), in = state.range(1), out = state.range(2);
  const auto type = type_of(state.range(3));
  const auto x = random({rows, in}, type);
  const auto weight = random({out, in}, type);
  const auto bias = random({out}, type);
  for (auto _ : state) {
    benchmark::DoNotOptimize(way == kOurs ? op::linear(x, weight, bias)
                                          : kernels::linear(x, weight, bias));
  }
  state.counters["bytes"] = benchmark::Counter(static_cast<double>(weight.nbytes()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

/// Pixels, or a step's two tokens, attend to `keys`.
void attention(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto heads = state.range(0), queries = state.range(1), keys = state.range(2);
  const auto type = type_of(state.range(3));
  constexpr int64_t kRows = 2, kWidth = 64;
  // As a layer's product leaves them: (B, T, N K) with its heads apart.
  const auto split = [&](int64_t tokens) {
    return random({kRows, tokens, heads * kWidth}, type)
        .unflatten(-1, {heads, kWidth})
        .transpose(1, 2);
  };
  const auto q = split(queries), k = split(keys), v = split(keys);
  const auto mask = random({kRows, 1, 1, keys}, type);
  for (auto _ : state) {
    benchmark::DoNotOptimize(way == kOurs ? op::attention(q, k, v, mask)
                                          : kernels::attention(q, k, v, mask));
  }
  state.counters["per_second"] =
      benchmark::Counter(4.0 * kRows * kWidth * static_cast<double>(heads * queries * keys),
                         benchmark::Counter::kIsIterationInvariantRate);
}

/// The pixels of an image, or an image encoder's patches, attend to each other.
void self_attention(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto heads = state.range(0), tokens = state.range(1), width = state.range(2);
  const auto type = type_of(state.range(3));
  const auto operand = [&] {
    return random({1, tokens, heads * width}, type).unflatten(-1, {heads, width}).transpose(1, 2);
  };
  const auto q = operand(), k = operand(), v = operand();
  for (auto _ : state) {
    benchmark::DoNotOptimize(way == kOurs ? op::attention(q, k, v, std::nullopt)
                                          : kernels::attention(q, k, v, std::nullopt));
  }
  state.counters["per_second"] =
      benchmark::Counter(4.0 * static_cast<double>(heads * tokens * tokens * width),
                         benchmark::Counter::kIsIterationInvariantRate);
}

void spatial_norm(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto channels = state.range(0), side = state.range(1), latent = state.range(2);
  const auto type = type_of(state.range(3));
  const auto x = random({1, channels, side, side}, type);
  const auto weight = random({channels}, type), bias = random({channels}, type);
  const auto scale = random({1, channels, latent, latent}, type);
  const auto shift = random({1, channels, latent, latent}, type);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        way == kOurs ? op::spatial_norm(x, 32, weight, bias, 1e-6, scale, shift, true)
                     : kernels::spatial_norm(x, 32, weight, bias, 1e-6, scale, shift, true));
  }
  state.counters["bytes"] = benchmark::Counter(3.0 * static_cast<double>(x.nbytes()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

/// The convolution that halves an image, beside one of a padded copy.
void halving_conv(benchmark::State& state, Way way) {
  const at::NoGradGuard no_grad;
  const auto channels = state.range(0), side = state.range(1);
  const auto type = type_of(state.range(2));
  const auto x = random({1, channels, side, side}, type);
  const auto weight = random({channels, channels, 3, 3}, type, 0.02).contiguous();
  const auto bias = random({channels}, type);
  for (auto _ : state) {
    benchmark::DoNotOptimize(way == kOurs ? op::conv2d(x, weight, bias, 2, 0, 1)
                                          : at::conv2d(at::constant_pad_nd(x, {0, 1, 0, 1}), weight,
                                                       bias, /*stride=*/2));
  }
  state.counters["per_second"] =
      benchmark::Counter(2.0 * 9 * static_cast<double>(channels * channels * side * side / 4),
                         benchmark::Counter::kIsIterationInvariantRate);
}

void conv_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"in", "out", "side", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    for (const auto& [in, out, side] : std::vector<std::array<int64_t, 3>>{{320, 320, 256},
                                                                           {640, 320, 256},
                                                                           {640, 640, 128},
                                                                           {960, 960, 64},
                                                                           {320, 320, 64},
                                                                           {1280, 1280, 32},
                                                                           {640, 640, 32},
                                                                           {1280, 1280, 16},
                                                                           {960, 960, 16},
                                                                           {1280, 1280, 8}}) {
      b->Args({in, out, side, bf16});
    }
  }
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

void norm_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"channels", "side", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    b->Args({320, 256, bf16})->Args({640, 128, bf16})->Args({960, 64, bf16})->Args({1280, 8, bf16});
  }
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

void linear_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "in", "out", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    for (const int64_t rows : {2, 4, 6, 8, 16, 32}) {
      b->Args({rows, 2048, 8192, bf16})->Args({rows, 8192, 2048, bf16});
      if (rows <= 4) b->Args({rows, 2048, 262144, bf16});  // no cache holds a part of it
    }
  }
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

void attention_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"heads", "queries", "keys", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    b->Args({10, 1024, 1050, bf16})->Args({15, 256, 282, bf16})->Args({20, 64, 90, bf16});
    b->Args({32, 2, 36, bf16});
  }
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

// A MoVQ's mid block at 512x512 and 768x768, and the image encoder of Kandinsky 2.2.
void self_attention_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"heads", "tokens", "width", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    b->Args({1, 4096, 512, bf16})->Args({1, 9216, 512, bf16})->Args({16, 257, 104, bf16});
  }
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

void spatial_norm_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"channels", "side", "latent", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    b->Args({512, 64, 64, bf16})->Args({512, 128, 64, bf16})->Args({128, 512, 64, bf16});
  }
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

void halving_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"channels", "side", "bf16"});
  for (const int64_t bf16 : {0, 1}) b->Args({128, 512, bf16})->Args({256, 128, bf16});
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(conv3x3, ours, kOurs)->Apply(conv_sizes);
BENCHMARK_CAPTURE(conv3x3, torch, kTorch)->Apply(conv_sizes);
BENCHMARK_CAPTURE(group_norm, ours, kOurs)->Apply(norm_sizes);
BENCHMARK_CAPTURE(group_norm, torch, kTorch)->Apply(norm_sizes);
BENCHMARK_CAPTURE(linear, ours, kOurs)->Apply(linear_sizes);
BENCHMARK_CAPTURE(linear, torch, kTorch)->Apply(linear_sizes);
BENCHMARK_CAPTURE(attention, ours, kOurs)->Apply(attention_sizes);
BENCHMARK_CAPTURE(attention, torch, kTorch)->Apply(attention_sizes);
BENCHMARK_CAPTURE(self_attention, ours, kOurs)->Apply(self_attention_sizes);
BENCHMARK_CAPTURE(self_attention, torch, kTorch)->Apply(self_attention_sizes);
BENCHMARK_CAPTURE(spatial_norm, ours, kOurs)->Apply(spatial_norm_sizes);
BENCHMARK_CAPTURE(spatial_norm, torch, kTorch)->Apply(spatial_norm_sizes);
BENCHMARK_CAPTURE(halving_conv, ours, kOurs)->Apply(halving_sizes);
BENCHMARK_CAPTURE(halving_conv, torch, kTorch)->Apply(halving_sizes);

}  // namespace
}  // namespace unclip

BENCHMARK_MAIN();
