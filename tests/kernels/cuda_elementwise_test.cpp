#include <gtest/gtest.h>

#include <utility>

#include "kernels/cuda/add_to_pixels.cuh"
#include "kernels/cuda/walk.cuh"
#include "tests/kernels/emulated_kernels.h"

namespace unclip::testing {
namespace {

using namespace kernels;

// --- Bias and residual ---

template <class T>
class CudaAddToPixels : public ::testing::Test {};
using Types = ::testing::Types<float, c10::Half, c10::BFloat16>;
TYPED_TEST_SUITE(CudaAddToPixels, Types);

TYPED_TEST(CudaAddToPixels, AddsBiasAndResidual) {
  using T = TypeParam;
  struct Case {
    int64_t pixels, channels;
    bool bias, residual;
  };
  // Fewer numbers than threads, and more, whose turns begin at other channels.
  for (const auto& c : {Case{1, 8, true, true}, Case{53, 24, true, true}, Case{53, 24, true, false},
                        Case{53, 24, false, true}, Case{31, 320, true, true}}) {
    SCOPED_TRACE(::testing::Message() << c.pixels << " x " << c.channels);
    const int64_t count = c.pixels * c.channels;
    const auto before = random<T>(count, 1), residual = random<T>(count, 2);
    const auto bias = random<T>(c.channels, 3);
    const auto y = in_either_order([&](Order order) {
      auto result = unwritten<T>(count);
      std::copy(before.begin(), before.end(), result.begin());
      const AddToPixels<T> call{c.pixels, c.channels, result.data(), c.bias ? bias.data() : nullptr,
                                c.residual ? residual.data() : nullptr};
      run({.blocks = 3, .threads = 32, .order = order},
          [&](EmulatedBlock& block) { add_to_pixels(call, block); });
      return result;
    });
    std::vector<double> expected(before.begin(), before.end());
    for (size_t i = 0; i < expected.size(); ++i) {
      if (c.bias) expected[i] += static_cast<double>(bias[i % static_cast<size_t>(c.channels)]);
      if (c.residual) expected[i] += static_cast<double>(residual[i]);
    }
    expect_close(y, expected, kTolerance<T>);
  }
}

// --- The walk ---

constexpr int64_t kB = 2, kC = 3, kH = 5, kW = 4;
constexpr int64_t kElements = kB * kC * kH * kW;
constexpr GridShape kWalkGrid{.blocks = 2, .threads = 32};

/// Numbers of a tensor (B, C, H, W) that lies channels last, of which `skipped` come before it.
struct Picture {
  explicit Picture(unsigned seed, int64_t batch = kB, int64_t channels = kC, int64_t skipped = 0)
      : channels(channels + skipped),
        skipped(skipped),
        numbers(random<float>(batch * this->channels * kH * kW, seed)) {}

  Strided view() const {
    return {numbers.data() + skipped, {kH * kW * channels, 1, kW * channels, channels}};
  }
  /// Of the element n of a dense (B, C, H, W).
  double operator()(int64_t n, int64_t c_out = kC) const {
    const int64_t plane = kH * kW, c = n / plane % c_out, b = n / plane / c_out;
    return at(b, c, n % plane);
  }
  double at(int64_t b, int64_t c, int64_t pixel) const {
    return numbers[static_cast<size_t>((b * kH * kW + pixel) * channels + skipped + c)];
  }

  int64_t channels, skipped;
  std::vector<float> numbers;
};

StridedOut dense(std::vector<float>& out, int64_t channels = kC) {
  return {out.data(), {channels * kH * kW, kH * kW, kW, 1}};
}

template <class Call, class Kernel>
std::vector<float> walked(Call call, StridedOut Call::*out, Kernel kernel, int64_t channels = kC) {
  return in_either_order([&](Order order) {
    auto result = unwritten<float>(kB * channels * kH * kW);
    call.*out = dense(result, channels);
    auto grid = kWalkGrid;
    grid.order = order;
    run(grid, [&](EmulatedBlock& block) { kernel(call, block); });
    return result;
  });
}
constexpr auto kGuide = [](const auto& call, auto& block) { guide(call, block); };
constexpr auto kPredictX0 = [](const auto& call, auto& block) { predict_x0(call, block); };
constexpr auto kAncestralStep = [](const auto& call, auto& block) { ancestral_step(call, block); };

template <class Formula>
std::vector<double> elements(Formula formula, int64_t count = kElements) {
  std::vector<double> expected;
  for (int64_t n = 0; n < count; ++n) expected.push_back(formula(n));
  return expected;
}

TEST(CudaWalk, GuideMovesTheGuidedChannelsAndKeepsTheOthers) {
  constexpr int64_t kAll = kC + 2;
  const Picture both(1, 2 * kB, kAll);
  const auto out = walked<Guide>(
      {.sizes = {kB, kAll, kH, kW}, .channels = kC, .scale = 4.5F, .both = both.view()},
      &Guide::out, kGuide, kAll);
  const auto expected = elements(
      [&](int64_t n) {
        const int64_t pixel = n % (kH * kW), c = n / (kH * kW) % kAll, b = n / (kH * kW) / kAll;
        const double u = both.at(b, c, pixel), k = both.at(kB + b, c, pixel);
        return c < kC ? u + 4.5 * (k - u) : k;
      },
      kB * kAll * kH * kW);
  expect_close(out, expected, kTolerance<float>);
}

TEST(CudaWalk, GuideTakesEmbeddings) {
  const auto both = random<float>(2 * 2 * 7, 1);  // (2 B, D) with B = 2
  auto out = unwritten<float>(2 * 7);
  const Guide call{.sizes = {2, 7, 1, 1},
                   .channels = 7,
                   .scale = 2,
                   .both = {both.data(), {7, 1, 0, 0}},
                   .out = {out.data(), {7, 1, 0, 0}}};
  run(kWalkGrid, [&](EmulatedBlock& block) { guide(call, block); });
  const auto expected = elements(
      [&](int64_t n) {
        const double u = both[static_cast<size_t>(n)], k = both[static_cast<size_t>(14 + n)];
        return u + 2 * (k - u);
      },
      14);
  expect_close(out, expected, kTolerance<float>);
}

TEST(CudaWalk, PredictX0ClipsAndKeepsWhatIsNoNumber) {
  Picture x_t(1), prediction(2, kB, kC, /*skipped=*/1);
  for (const float clip : {1.0F, std::numeric_limits<float>::infinity()}) {
    const PredictX0 call{.sizes = {kB, kC, kH, kW},
                         .x_t_factor = 1,
                         .prediction_factor = -0.8F,
                         .divisor = 0.6F,
                         .clip = clip,
                         .x_t = x_t.view(),
                         .prediction = prediction.view()};
    const auto expected = elements([&](int64_t n) {
      const double x_0 = (x_t(n) - 0.8 * prediction(n)) / 0.6;
      return std::clamp<double>(x_0, -clip, clip);
    });
    expect_close(walked(call, &PredictX0::x_0, kPredictX0), expected, kTolerance<float>);

    const float kept = std::exchange(x_t.numbers[0], kNan);
    EXPECT_TRUE(std::isnan(walked(call, &PredictX0::x_0, kPredictX0)[0]));
    x_t.numbers[0] = kept;
  }
}

TEST(CudaWalk, AncestralStepAddsWhatItIsGiven) {
  const Picture x_0(1), x_t(2, kB, kC, /*skipped=*/2), noise(3), f(4, kB, kC, 3);
  AncestralStep call{.sizes = {kB, kC, kH, kW},
                     .x_0_factor = 0.3F,
                     .x_t_factor = 0.7F,
                     .deviation = 0.2F,
                     .log_smallest = -6,
                     .log_largest = -4,
                     .x_0 = x_0.view(),
                     .x_t = x_t.view(),
                     .noise = {},
                     .f = {}};
  const auto result = [&] { return walked(call, &AncestralStep::x_s, kAncestralStep); };
  const auto mean = [&](int64_t n) { return 0.3 * x_0(n) + 0.7 * x_t(n); };
  expect_close(result(), elements(mean), kTolerance<float>);

  call.noise = noise.view();
  expect_close(result(), elements([&](int64_t n) { return mean(n) + 0.2 * noise(n); }),
               kTolerance<float>);

  call.f = f.view();
  const auto learned = [&](int64_t n) {
    const double part = (f(n) + 1) / 2;
    return mean(n) + std::exp(0.5 * (part * -4 + (1 - part) * -6)) * noise(n);
  };
  expect_close(result(), elements(learned), kTolerance<float>);
}

}  // namespace
}  // namespace unclip::testing
