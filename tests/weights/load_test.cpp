#include "weights/load.h"

#include <ATen/ATen.h>

#include "nn/module.h"
#include "tests/support/torch_bytes.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::TemporaryFolder;

using Tensors = std::map<std::string, at::Tensor>;

struct Inner : Module {
  explicit Inner(Place place)
      : Module(std::move(place)),
        weight(add_parameter("weight", at::zeros({2, 3}))),
        bias(add_parameter("bias", at::zeros({2}))) {}
  at::Tensor weight, bias;
};

struct Net : Module {
  Net()
      : scale(add_parameter("scale", at::zeros({1}))),
        steps(add_parameter("steps", at::zeros({2}, at::kLong))),
        inner({this, "inner"}) {}
  at::Tensor scale, steps;
  Inner inner;
};

Tensors fitting() {
  return {{"scale", at::full({1}, 0.5)},
          {"steps", at::tensor({3, 4}, at::kLong)},
          {"inner.weight", at::arange(6, at::kFloat).view({2, 3})},
          {"inner.bias", at::ones({2})}};
}

class Load : public ::testing::Test {
 protected:
  Checkpoint with(const Tensors& tensors) {
    write_safetensors(path(), tensors);
    return Checkpoint::open(path());
  }
  std::filesystem::path path() const { return folder_ / "model.safetensors"; }

  TemporaryFolder folder_;
  Net net_;
};

/// On a device without memory: shapes and strides alone.
struct Convolution : Module {
  Convolution()
      : weight(add_parameter("weight", at::zeros({4, 2, 3, 3}, at::device(at::kMeta)))),
        bias(add_parameter("bias", at::zeros({4}, at::device(at::kMeta)))) {}
  at::Tensor weight, bias;
};

TEST_F(Load, LaysAConvolutionsWeightsChannelsLastOnAnotherDevice) {
  Convolution convolution;
  load(convolution, with({{"weight", at::ones({4, 2, 3, 3})}, {"bias", at::ones({4})}}),
       {.dtype = at::kBFloat16, .device = at::kMeta});
  EXPECT_TRUE(convolution.weight.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(convolution.weight.is_meta());
  EXPECT_EQ(convolution.weight.scalar_type(), at::kBFloat16);
  EXPECT_EQ(convolution.bias.scalar_type(), at::kBFloat16);
}

// Catalogue PK-065: PyTorch's files are held against the module as safetensors are, and what stands
// in a tensor's place is named.
TEST_F(Load, NamesWhatAFileOfPyTorchLacks) {
  using namespace testing::torch_bytes;
  const auto two = [](std::vector<int64_t> sizes, std::vector<int64_t> strides) {
    return tensor(storage(6), 0, sizes, strides);
  };
  const auto inner = Pairs{{"inner.weight", two({3, 2}, {1, 3})},
                           {"inner.bias", two({2}, {1})},
                           {"scale", integer(1)},
                           {"more", two({1}, {1})}};
  const auto bytes = torch_zip(program(dict(inner)), floats({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(error_of([&] { load(net_, Checkpoint::from_bytes(bytes, "m.bin")); }),
            "m.bin does not fit the model:\n"
            "  missing  scale [1], found an integer in its place\n"
            "  missing  steps [2]\n"
            "  shape    inner.weight [3, 2], expected [2, 3]\n"
            "  unused   more [1]");
}

TEST_F(Load, GivesEveryTensorItsValues) {
  load(net_, with(fitting()));
  EXPECT_TRUE(at::equal(net_.scale, at::full({1}, 0.5)));
  EXPECT_TRUE(at::equal(net_.steps, at::tensor({3, 4}, at::kLong)));
  EXPECT_TRUE(at::equal(net_.inner.weight, at::arange(6, at::kFloat).view({2, 3})));
  EXPECT_TRUE(at::equal(net_.inner.bias, at::ones({2})));
  for (const auto& each : net_.parameters()) EXPECT_FALSE(each.tensor.requires_grad());
}

TEST_F(Load, TellsEveryMisfitInOneErrorAndChangesNothing) {
  auto tensors = fitting();
  tensors.erase("inner.bias");
  tensors["inner.beta"] = at::ones({2});
  tensors["inner.weight"] = at::ones({3, 2});
  tensors["steps"] = at::ones({2});
  const auto checkpoint = with(tensors);
  EXPECT_EQ(error_of([&] { load(net_, checkpoint); }),
            path().string() +
                " does not fit the model:\n"
                "  dtype    steps F32, expected I64\n"
                "  shape    inner.weight [3, 2], expected [2, 3]\n"
                "  missing  inner.bias [2]\n"
                "  unused   inner.beta [2]");
  EXPECT_TRUE(at::equal(net_.scale, at::zeros({1})));
}

TEST_F(Load, RefusesIntegersForAParameter) {
  auto tensors = fitting();
  tensors["scale"] = at::ones({1}, at::kInt);
  const auto checkpoint = with(tensors);
  EXPECT_EQ(error_of([&] { load(net_, checkpoint); }),
            path().string() +
                " does not fit the model:\n  dtype    scale I32, expected F64, F32, F16 or BF16");
}

TEST_F(Load, ShortensALongList) {
  auto tensors = fitting();
  for (char c = 'a'; c < 'a' + 26; ++c) tensors[std::string(3, c)] = at::ones({1});
  const auto checkpoint = with(tensors);
  const auto message = error_of([&] { load(net_, checkpoint); });
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 21);
  EXPECT_TRUE(message.ends_with("\n  unused   ttt [1]\n  ... and 6 more")) << message;
}

TEST_F(Load, IgnoresPositionIdsButNothingLikeThem) {
  auto tensors = fitting();
  tensors["text_model.embeddings.position_ids"] = at::arange(77).view({1, 77});
  load(net_, with(tensors));
  EXPECT_TRUE(at::equal(net_.inner.bias, at::ones({2})));

  tensors["position_ids"] = at::arange(3);
  const auto checkpoint = with(tensors);
  EXPECT_TRUE(error_of([&] { load(net_, checkpoint); }).ends_with("unused   position_ids [3]"));
}

TEST_F(Load, DoesNotCopyWhatFitsAlready) {
  const auto checkpoint = with(fitting());
  load(net_, checkpoint);
  const auto bytes = checkpoint.opened()[0]->tensor_bytes();
  for (const auto& tensor : {net_.scale, net_.steps, net_.inner.weight, net_.inner.bias}) {
    const auto* begin = static_cast<const std::byte*>(tensor.const_data_ptr());
    EXPECT_GE(begin, bytes.data());
    EXPECT_LE(begin + tensor.nbytes(), bytes.data() + bytes.size());
  }
}

TEST_F(Load, KeepsTheFileMappedUnderTheModule) {
  load(net_, with(fitting()));  // the checkpoint is gone after this line
  std::filesystem::remove(path());
  EXPECT_TRUE(at::equal(net_.inner.bias, at::ones({2})));
}

TEST_F(Load, TurnsFloatingPointIntoTheAskedType) {
  for (const auto stored : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16}) {
    for (const auto asked : {at::kFloat, at::kHalf, at::kBFloat16}) {
      auto tensors = fitting();
      for (auto& [name, tensor] : tensors) {
        if (name != "steps") tensor = tensor.to(stored);
      }
      Net net;
      load(net, with(tensors), {.dtype = asked});
      EXPECT_EQ(net.inner.weight.scalar_type(), asked);
      EXPECT_EQ(net.steps.scalar_type(), at::kLong);
      EXPECT_TRUE(at::equal(net.inner.weight.to(at::kFloat), fitting()["inner.weight"]));
    }
  }
}

TEST_F(Load, NarrowsNoNumberToInfinity) {
  auto tensors = fitting();
  tensors["inner.bias"] = at::tensor({1.0f, -70000.0f});
  const auto checkpoint = with(tensors);
  EXPECT_EQ(error_of([&] { load(net_, checkpoint, {.dtype = at::kHalf}); }),
            path().string() +
                ": tensor 'inner.bias' holds 70000; F16 ends at 65504, so another "
                "--dtype is needed");
  EXPECT_EQ(net_.scale.scalar_type(), at::kFloat);  // nothing was changed
  load(net_, checkpoint, {.dtype = at::kBFloat16});
  EXPECT_EQ(net_.scale.scalar_type(), at::kBFloat16);

  tensors["inner.bias"] = at::full({2}, 1e300, at::kDouble);
  Net net;
  EXPECT_FALSE(error_of([&] { load(net, with(tensors)); }).empty());
}

TEST_F(Load, CanBeDoneAgainWithAnotherFile) {
  load(net_, with(fitting()), {.dtype = at::kHalf});
  auto tensors = fitting();
  tensors["scale"] = at::full({1}, 9.0);
  load(net_, with(tensors));
  EXPECT_EQ(net_.scale.item<float>(), 9.0f);
  EXPECT_EQ(net_.scale.scalar_type(), at::kFloat);
}

TEST(TensorList, ListsParametersAndBuffersWithShapes) {
  using List = std::vector<std::pair<std::string, std::vector<int64_t>>>;
  EXPECT_EQ(tensor_list(Net()),
            (List{{"scale", {1}}, {"steps", {2}}, {"inner.weight", {2, 3}}, {"inner.bias", {2}}}));
}

}  // namespace
}  // namespace unclip
