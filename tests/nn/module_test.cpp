#include "nn/module.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/layers.h"

namespace unclip {
namespace {

struct Tail : Module {
  explicit Tail(Place place)
      : Module(std::move(place)), scale(add_parameter("scale", at::ones({1}))) {}
  at::Tensor scale;
};

struct Net : Module {
  Net()
      : mean(add_parameter("mean", at::zeros({2}))),
        layers({this, "layers"}),
        tail({this, "tail"}) {
    layers.add(2, 3);
    layers.add(3, 1, Bias::kNo);
  }
  at::Tensor mean;
  ModuleList<Linear> layers;
  Tail tail;
};

TEST(Module, ListsItsParametersThenThoseOfItsPartsInOrderOfConstruction) {
  const Net net;
  std::vector<std::string> names;
  for (const auto& parameter : net.parameters()) names.push_back(parameter.name);
  EXPECT_EQ(names, (std::vector<std::string>{"mean", "layers.0.weight", "layers.0.bias",
                                             "layers.1.weight", "tail.scale"}));
}

TEST(Module, SharesItsParametersMemory) {
  const Net net;
  net.parameter("tail.scale").fill_(7);
  EXPECT_EQ(net.tail.scale.item<float>(), 7);
}

TEST(Module, HasParametersThatNeedNoGradient) {
  for (const auto& parameter : Net().parameters()) EXPECT_FALSE(parameter.tensor.requires_grad());
}

TEST(Module, HasNoParameterOfAnotherName) {
  EXPECT_THROW(Net().parameter("layers.2.weight"), c10::Error);
  EXPECT_THROW(Net().parameter(""), c10::Error);
}

TEST(Module, VisitsOwnersBeforeTheirParts) {
  Net net;
  std::vector<Module*> seen;
  net.visit([&](Module& module) { seen.push_back(&module); });
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen[0], &net);
  EXPECT_EQ(seen[1], &net.layers);
  EXPECT_EQ(seen[4], &net.tail);
}

}  // namespace
}  // namespace unclip
