#include "kernels/cuda/group_norm.cuh"

#include <gtest/gtest.h>

#include "tests/kernels/emulated_kernels.h"

namespace unclip::testing {
namespace {

using namespace kernels;

struct GroupNormCase {
  int64_t batch, pixels, channels, groups;
  int64_t parts, kept;
  bool modulated, silu;
  float mean = 0;
};

template <class T>
struct GroupNormData {
  explicit GroupNormData(const GroupNormCase& c)
      : c(c),
        x(random<T>(c.batch * c.pixels * c.channels, 1, c.mean)),
        weight(random<T>(c.channels, 2)),
        bias(random<T>(c.channels, 3)),
        modulation(random<T>(c.modulated ? c.batch * modulation_stride() : 0, 4)) {}

  /// Rows of it are a part of wider ones.
  int64_t modulation_stride() const { return 2 * c.channels + 8; }

  std::vector<T> results(Order order) const {
    const auto plan =
        group_norm_plan({c.batch, c.pixels, c.channels, c.groups, sizeof(T)}, c.parts, c.kept);
    auto y = unwritten<T>(c.batch * c.pixels * c.channels);
    auto workspace = unwritten<float>(plan.workspace_floats);
    const auto x_before = x;
    const GroupNorm<T> call{.plan = plan,
                            .pixels = c.pixels,
                            .channels = static_cast<int>(c.channels),
                            .groups = static_cast<int>(c.groups),
                            .x = x.data(),
                            .weight = weight.data(),
                            .bias = bias.data(),
                            .modulation = c.modulated ? modulation.data() : nullptr,
                            .modulation_stride = modulation_stride(),
                            .y = y.data(),
                            .workspace = workspace.data(),
                            .eps = 1e-5F,
                            .silu = c.silu};
    run({plan.blocks, plan.threads, plan.shared_bytes, order},
        [&](EmulatedBlock& block) { group_norm(call, block); });
    EXPECT_TRUE(same_bits(x, x_before));
    for (size_t i = workspace.size() - kGuard; i < workspace.size(); ++i) {
      EXPECT_TRUE(std::isnan(workspace[i])) << "written past the workspace";
    }
    return y;
  }

  std::vector<double> expected() const {
    std::vector<double> y(x.size());
    const int64_t size = c.channels / c.groups;
    for (int64_t b = 0; b < c.batch; ++b) {
      for (int64_t g = 0; g < c.groups; ++g) {
        const auto index = [&](int64_t s, int64_t i) {
          return static_cast<size_t>((b * c.pixels + s) * c.channels + g * size + i);
        };
        const auto mean_of = [&](auto&& value) {
          double sum = 0;
          for (int64_t s = 0; s < c.pixels; ++s) {
            for (int64_t i = 0; i < size; ++i) sum += value(static_cast<double>(x[index(s, i)]));
          }
          return sum / static_cast<double>(c.pixels * size);
        };
        const double mean = mean_of([](double v) { return v; });
        const double variance = mean_of([&](double v) { return (v - mean) * (v - mean); });
        for (int64_t s = 0; s < c.pixels; ++s) {
          for (int64_t i = 0; i < size; ++i) {
            const double v =
                (static_cast<double>(x[index(s, i)]) - mean) / std::sqrt(variance + 1e-5);
            y[index(s, i)] = activated(v, b, g * size + i);
          }
        }
      }
    }
    return y;
  }

  double activated(double v, int64_t b, int64_t channel) const {
    v = v * static_cast<double>(weight[channel]) + static_cast<double>(bias[channel]);
    if (c.modulated) {
      const T* const scale = modulation.data() + b * modulation_stride() + channel;
      v = (1 + static_cast<double>(scale[0])) * v + static_cast<double>(scale[c.channels]);
    }
    return c.silu ? v / (1 + std::exp(-v)) : v;
  }

  GroupNormCase c;
  std::vector<T> x, weight, bias, modulation;
};

template <class T>
class EveryTypesGroupNorm : public ::testing::Test {};
using NormTypes = ::testing::Types<float, c10::Half, c10::BFloat16>;
TYPED_TEST_SUITE(EveryTypesGroupNorm, NormTypes);

TYPED_TEST(EveryTypesGroupNorm, AgreesWithItsDefinition) {
  // Groups of a thread's channels, of fewer, of more and of what shares no edge with them; parts
  // that are kept, not and in part, whose pixels fill rows and that do not; threads left over.
  for (const auto& c : {GroupNormCase{1, 700, 8, 2, 1, 700, false, false},
                        GroupNormCase{1, 300, 8, 8, 3, 40, true, true},
                        GroupNormCase{2, 67, 64, 4, 3, 23, true, true},
                        GroupNormCase{1, 64, 64, 64, 2, 10, false, true},
                        GroupNormCase{1, 50, 64, 1, 2, 0, true, false},
                        GroupNormCase{1, 41, 24, 8, 2, 21, false, true},
                        GroupNormCase{1, 61, 72, 8, 4, 5, true, true},
                        GroupNormCase{2, 47, 320, 32, 4, 12, true, true},
                        GroupNormCase{1, 96, 320, 32, 1, 50, false, false},
                        GroupNormCase{1, 9, 2560, 32, 3, 2, true, true},
                        GroupNormCase{1, 5, 2560, 2560, 2, 3, false, true},
                        GroupNormCase{1, 3, 4096, 32, 2, 1, true, false},
                        GroupNormCase{1, 1, 320, 32, 1, 1, true, true}}) {
    SCOPED_TRACE(::testing::Message() << c.batch << " x " << c.pixels << " x " << c.channels << ", "
                                      << c.groups << " groups, " << c.parts << " parts");
    const GroupNormData<TypeParam> data(c);
    const auto y = in_either_order([&](Order order) { return data.results(order); });
    expect_close(y, data.expected(), kTolerance<TypeParam>);
  }
}

TEST(CudaGroupNorm, KeepsItsDigitsFarFromZero) {
  // float32 keeps 2^-14 of the deviation beside such a mean, and the mean itself no more.
  const GroupNormData<float> data({1, 200, 64, 8, 3, 30, false, false, /*mean=*/1000});
  const auto y = in_either_order([&](Order order) { return data.results(order); });
  expect_close(y, data.expected(), 1e-3);
}

TEST(CudaGroupNorm, OfEqualNumbersIsItsBias) {
  GroupNormData<float> data({1, 30, 16, 2, 2, 30, false, false});
  std::fill(data.x.begin(), data.x.end(), 0.1F);
  const auto y = data.results(Order::kForward);
  for (size_t i = 0; i < data.x.size(); ++i) ASSERT_EQ(y[i], data.bias[i % 16]);
}

TEST(CudaGroupNorm, PassesWhatIsNoNumberOn) {
  GroupNormData<float> data({1, 30, 16, 2, 2, 10, false, true});
  data.x[29 * 16 + 3] = kNan;
  const auto y = data.results(Order::kForward);
  for (size_t i = 0; i < data.x.size(); ++i) ASSERT_EQ(std::isnan(y[i]), i % 16 < 8) << i;
}

// --- How it shares the work ---

// Of the kind of an A100, an H100 and a consumer's card.
constexpr DeviceLimits kDevices[] = {{108, 163 << 10, 164 << 10, 32},
                                     {132, 227 << 10, 228 << 10, 32},
                                     {48, 99 << 10, 100 << 10, 24}};

TEST(GroupNormPlan, StaysWithinItsDevice) {
  for (const auto& device : kDevices) {
    for (const int64_t batch : {1, 2, 7, 64}) {
      for (const int64_t pixels : {1, 64, 4096, 65536, 1 << 20}) {
        for (const int64_t channels : {8, 320, 1280, 2560, 4096}) {
          for (const int64_t element_size : {2, 4}) {
            const auto plan = plan_group_norm({batch, pixels, channels, 8, element_size}, device);
            ASSERT_TRUE(plan);
            EXPECT_GE(plan->parts, 1);
            EXPECT_LE(plan->parts, pixels);
            EXPECT_EQ(plan->blocks, batch * plan->parts);
            EXPECT_LE(plan->blocks, 2 * device.multiprocessors);
            EXPECT_LE(plan->threads, kMostGroupNormThreads);
            EXPECT_GE(plan->threads, plan->rows * channels / 8);
            const auto shared_bytes = static_cast<int64_t>(plan->shared_bytes);
            EXPECT_LE(shared_bytes, device.shared_bytes_per_block);
            EXPECT_LE(2 * (shared_bytes + 1024), device.shared_bytes_per_multiprocessor);
            EXPECT_EQ(plan->workspace_floats, plan->blocks * 8 * 2);
          }
        }
      }
    }
  }
}

TEST(GroupNormPlan, KeepsTheWholePictureWhereItCan) {
  const auto plan = plan_group_norm({2, 64 * 64, 320, 32, 2}, kDevices[1]);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kept, ceil_div(64 * 64, plan->parts));
}

TEST(GroupNormPlan, TakesOneBlockAMultiprocessorWhereNoMoreFit) {
  auto device = kDevices[1];
  device.blocks_per_multiprocessor = 1;
  const auto plan = plan_group_norm({1, 1 << 20, 320, 32, 2}, device);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->blocks, device.multiprocessors);
  EXPECT_LE(static_cast<int64_t>(plan->shared_bytes), device.shared_bytes_per_block);
}

TEST(GroupNormPlan, IsNoneForWhatTheKernelDoesNotTake) {
  const auto& device = kDevices[0];
  EXPECT_TRUE(plan_group_norm({216, 64, 64, 8, 2}, device));
  EXPECT_FALSE(plan_group_norm({217, 64, 64, 8, 2}, device)) << "more pictures than blocks";
  EXPECT_FALSE(plan_group_norm({1, 64, 4104, 8, 2}, device)) << "more channels than threads have";
  EXPECT_FALSE(plan_group_norm({1, 64, 20, 4, 2}, device)) << "channels that are not in eights";
  EXPECT_FALSE(plan_group_norm({1, 64, 64, 5, 2}, device)) << "groups that do not divide them";
  EXPECT_FALSE(plan_group_norm({1, 0, 64, 8, 2}, device)) << "no pixels";
  EXPECT_FALSE(plan_group_norm({1, 64, 64, 8, 2}, {4, 8 << 10, 16 << 10, 16})) << "no memory";
}

}  // namespace
}  // namespace unclip::testing
