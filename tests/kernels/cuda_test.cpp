#include <gtest/gtest.h>

#include "engine/engine.h"
#include "kernels/accelerator.h"
#include "kernels/device.h"
#include "pipeline/replay.h"
#include "tests/kernels/operators.h"
#include "tests/support/close.h"

// The CUDA plug-in: its loading wherever libtorch's CUDA libraries are, all else where there is a
// device. What is not there is told as a test that was skipped.

namespace unclip::testing {
namespace {

using c10::DispatchKey;

/// Why there is no device; empty where there is one.
const std::string& refusal() {
  static const std::string text = [] {
    try {
      open_device(at::Device(at::kCUDA, 0));
      return std::string();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
  }();
  return text;
}

TEST(CudaPlugIn, BringsItsOperatorsAndAnAccelerator) {
  const auto& why = refusal();
#ifndef UNCLIP_CUDA_IS_BUILT
  GTEST_SKIP() << "built without nvcc";
#endif
  // libtorch's own part may be missing; ours, which was built, may not.
  if (why.starts_with("--device cuda: ")) GTEST_SKIP() << why;
  ASSERT_NE(accelerator(at::kCUDA), nullptr) << why;
  for (const auto* name : {"unclip::conv3x3", "unclip::group_norm", "unclip::guide",
                           "unclip::predict_x0", "unclip::ancestral_step"}) {
    const auto op = c10::Dispatcher::singleton().findSchemaOrThrow(name, "");
    EXPECT_TRUE(op.hasKernelForDispatchKey(DispatchKey::CUDA)) << name;
  }
}

class Cuda : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!refusal().empty()) GTEST_SKIP() << refusal();
    if (accelerator(at::kCUDA) == nullptr) GTEST_SKIP() << "libunclip_cuda.so was not built";
  }
  const at::NoGradGuard no_grad_;
};

at::Tensor there(const at::Tensor& x) { return x.to(at::kCUDA); }
op::Maybe there(const op::Maybe& x) { return x ? op::Maybe(x->to(at::kCUDA)) : x; }
at::Tensor last(const at::Tensor& x) { return there(x).contiguous(at::MemoryFormat::ChannelsLast); }

double tolerance(at::ScalarType type) { return type == at::kFloat ? 1e-5 : 1e-2; }
constexpr at::ScalarType kTypes[] = {at::kFloat, at::kHalf, at::kBFloat16};

/// Of the operator as any device runs it, on the processor in double.
at::Tensor wide(const at::Tensor& x) { return x.to(at::kDouble); }
op::Maybe wide(const op::Maybe& x) { return x ? op::Maybe(wide(*x)) : x; }

struct Picture {
  int64_t batch, channels, side, groups;
};

TEST_F(Cuda, GroupNormAgreesWithItsDefinition) {
  for (const auto type : kTypes) {
    for (const auto& [b, c, side, groups] :
         {Picture{1, 320, 64, 32}, Picture{2, 320, 64, 32}, Picture{1, 320, 256, 32},
          Picture{2, 2560, 8, 32}, Picture{16, 64, 32, 8}, Picture{1, 8, 3, 1},
          Picture{1, 20, 5, 4}}) {
      const auto x = op::random({b, c, side, side}, type, 1);
      const auto weight = op::random({c}, type, 2), bias = op::random({c}, type, 3);
      const auto modulation = op::random({b, 2 * c}, type, 4);
      for (const auto& modulated : {op::Maybe(), op::Maybe(modulation)}) {
        const auto y = op::group_norm(last(x), groups, there(weight), there(bias), 1e-5,
                                      there(modulated), /*silu=*/true);
        const auto expected = op::group_norm(wide(x), groups, wide(weight), wide(bias), 1e-5,
                                             wide(modulated), /*silu=*/true);
        EXPECT_TRUE(close(y.cpu(), expected, tolerance(type)))
            << type << " " << x.sizes() << (modulated ? " modulated" : "");
      }
    }
  }
}

TEST_F(Cuda, GroupNormIsTheSameEveryTime) {
  const auto x = last(op::random({2, 320, 128, 128}, at::kHalf, 1));
  const auto weight = there(op::random({320}, at::kHalf, 2));
  const auto once = op::group_norm(x, 32, weight, weight, 1e-5, std::nullopt, true);
  for (int i = 0; i < 20; ++i) {
    const auto again = op::group_norm(x, 32, weight, weight, 1e-5, std::nullopt, true);
    ASSERT_TRUE(at::equal(once, again)) << i;
  }
}

TEST_F(Cuda, ConvolutionAgreesWithItsDefinition) {
  for (const auto type : kTypes) {
    for (const auto& [b, c, side, out] : {Picture{1, 64, 32, 64}, Picture{2, 320, 16, 640},
                                          Picture{1, 3, 16, 64}, Picture{1, 64, 16, 6}}) {
      const auto x = op::random({b, c, side, side}, type, 1);
      const auto weight = op::random({out, c, 3, 3}, type, 2) / 16;
      const auto bias = op::random({out}, type, 3);
      const auto residual = op::random({b, out, side, side}, type, 4);
      for (const auto& added : {op::Maybe(), op::Maybe(residual)}) {
        const auto y = op::conv3x3(last(x), last(weight), there(bias),
                                   added ? op::Maybe(last(*added)) : added);
        const auto expected = op::conv3x3(wide(x), wide(weight), wide(bias), wide(added));
        // cuDNN may choose Winograd's algorithm, or a Fourier transform.
        EXPECT_TRUE(close(y.cpu(), expected, type == at::kFloat ? 1e-4 : 1e-2))
            << type << " " << x.sizes();
      }
    }
  }
}

TEST_F(Cuda, TheWalksStepAgreesWithItsDefinition) {
  for (const auto& shape : {std::vector<int64_t>{4, 6, 16, 16}, std::vector<int64_t>{4, 768}}) {
    auto both = op::random(shape, at::kFloat, 1);
    const auto channels = shape.size() == 4 ? shape[1] / 2 : shape[1];
    const auto guided = op::guide(both, channels, 4);
    const auto x_t = op::random(guided.narrow(1, 0, channels).sizes(), at::kFloat, 2);
    const auto noise = op::random(x_t.sizes(), at::kFloat, 3);
    if (shape.size() == 4) both = both.contiguous(at::MemoryFormat::ChannelsLast);
    const auto guided_there = op::guide(there(both), channels, 4);
    EXPECT_TRUE(close(guided_there.cpu(), guided, /*rtol=*/1e-6));

    const auto prediction = [&](const at::Tensor& all) { return all.narrow(1, 0, channels); };
    const auto x_0 = op::predict_x0(prediction(guided), x_t, 1, -0.8, 0.6, 1);
    const auto x_0_there = op::predict_x0(prediction(guided_there), there(x_t), 1, -0.8, 0.6, 1);
    EXPECT_TRUE(close(x_0_there.cpu(), x_0, /*rtol=*/1e-6));

    for (const bool learned : {false, true}) {
      if (learned && shape.size() != 4) continue;
      const auto f = [&](const at::Tensor& all) {
        return learned ? op::Maybe(all.narrow(1, channels, channels)) : op::Maybe();
      };
      const auto x_s = op::ancestral_step(x_0, x_t, noise, f(guided), 0.3, 0.7, 0.2, -4, -2);
      const auto x_s_there = op::ancestral_step(x_0_there, there(x_t), there(noise),
                                                f(guided_there), 0.3, 0.7, 0.2, -4, -2);
      EXPECT_TRUE(close(x_s_there.cpu(), x_s, /*rtol=*/1e-6));
    }
  }
}

TEST_F(Cuda, UploadsAreWholeWhateverTheirSize) {
  // Beyond the two pieces of 32 MiB that it copies through; and while the device is at work.
  for (const int64_t count : {1, 1000, 8 << 20, (24 << 20) + 3}) {
    const auto x = at::arange(count, at::kInt);
    auto busy = at::ones({2048, 2048}, at::kCUDA);
    for (int i = 0; i < 20; ++i) busy = at::matmul(busy, busy) / 2048;
    const auto y = to_device(x, at::Device(at::kCUDA, 0));
    EXPECT_TRUE(at::equal(y.cpu(), x)) << count;
  }
}

TEST_F(Cuda, ARecordingGivesWhatTheCallGave) {
  Replay replay;
  const auto weight = last(op::random({64, 64, 3, 3}, at::kHalf, 1) / 16);
  const auto gain = there(op::random({64}, at::kHalf, 2));
  const auto body = [&](const std::vector<at::Tensor>& inputs) {
    const auto h = op::conv3x3(inputs[0], weight, gain, std::nullopt);
    return op::group_norm(h, 8, gain, gain, 1e-5, std::nullopt, true);
  };
  std::vector<at::Tensor> results, expected;
  for (uint64_t i = 0; i < 6; ++i) {
    const auto x = last(op::random({2, 64, 32, 32}, at::kHalf, i));
    results.push_back(replay({x}, body));
    expected.push_back(body({x}));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_TRUE(close(results[i].cpu(), expected[i].cpu(), /*rtol=*/1e-2)) << i;
  }
}

TEST_F(Cuda, RecordsAgainWhenAllRecordingsAreGoneAndWhenOneHasFailed) {
  const auto x = there(op::random({64, 64}, at::kFloat, 1));
  const auto square = [](const std::vector<at::Tensor>& inputs) {
    return at::matmul(inputs[0], inputs[0]);
  };
  const auto reading = [](const std::vector<at::Tensor>& inputs) {
    return inputs[0] * inputs[0].sum().item<float>();  // the device is waited for
  };
  const auto expect_same = [&](const auto& body) {
    Replay replay;
    const auto expected = body({x});
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(close(replay({x}, body).cpu(), expected.cpu(), /*rtol=*/1e-5)) << i;
    }
  };
  expect_same(square);
  expect_same(square);
  expect_same(reading);
  expect_same(square);
}

at::Tensor painted(const PipelineOptions& options, int64_t batch_size = 1) {
  auto images = Engine::load("weights/toybox", options)
                    .generate({"a red ball left of a green cone"},
                              {.count = 2, .seed = 3, .batch_size = batch_size});
  return at::stack({images[0].image, images[1].image});
}

// The same noise on every device: only the order of sums differs.
TEST_F(Cuda, PaintsTheProcessorsPicture) {
  const at::Device device(at::kCUDA, 0);
  const auto expected = painted({});
  for (const bool low_memory : {false, true}) {
    const auto image = painted({.device = device, .low_memory = low_memory});
    EXPECT_LE((image - expected).abs().max().item<float>(), 2.0F / 255) << low_memory;
  }
  for (const auto type : {at::kBFloat16, at::kHalf}) {
    const auto image = painted({.device = device, .dtype = type}, /*batch_size=*/2);
    EXPECT_LE((image - expected).abs().mean().item<float>(), 4.0F / 255) << type;
  }
}

}  // namespace
}  // namespace unclip::testing
