#include "train/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace unclip::train {
namespace {

at::Tensor parameter(const at::Tensor& value) { return value.clone().set_requires_grad(true); }

/// One step down |p - 3|^2.
void descend(Optimizer& optimizer, at::Tensor& p, int64_t step) {
  (p - 3).square().sum().backward();
  optimizer.update(step);
}

TEST(Optimizer, FindsTheMinimumOfAParabola) {
  auto p = parameter(at::zeros({4}));
  Optimizer optimizer({{"p", p}}, {.learning_rate = 0.1, .warm_up = 5, .steps = 400});
  for (int64_t step = 0; step < 400; ++step) descend(optimizer, p, step);
  EXPECT_LT((p - 3).abs().max().item<double>(), 0.05);
}

TEST(Optimizer, RaisesKeepsAndLowersTheLearningRate) {
  auto p = parameter(at::zeros({1}));
  const Optimizer optimizer({{"p", p}},
                            {.learning_rate = 1, .warm_up = 9, .cool_down = 10, .steps = 100});
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(0), 0.1);
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(9), 1);
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(50), 1);
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(95), 0.5);
  EXPECT_DOUBLE_EQ(optimizer.learning_rate(100), 0);
}

TEST(Optimizer, ClipsALongGradient) {
  auto p = parameter(at::zeros({1}));
  Optimizer optimizer({{"p", p}}, {.steps = 1});
  (1000 * p).sum().backward();
  EXPECT_NEAR(optimizer.update(0), 1000, 1e-3);
}

TEST(Optimizer, RefusesAGradientThatIsNotFinite) {
  auto p = parameter(at::zeros({1}));
  Optimizer optimizer({{"p", p}}, {.steps = 1});
  (p / 0).sum().backward();
  EXPECT_THROW(optimizer.update(0), Error);
}

TEST(Optimizer, GoesOnFromASavedStateAsIfItHadNotStopped) {
  const OptimizerConfig config{.learning_rate = 0.05, .warm_up = 3, .steps = 20};
  auto whole = parameter(at::zeros({3, 2}));
  Optimizer first({{"p", whole}}, config);
  for (int64_t step = 0; step < 10; ++step) descend(first, whole, step);
  std::map<std::string, at::Tensor> state;
  for (const auto& [name, tensor] : first.state()) state[name] = tensor.clone();
  for (int64_t step = 10; step < 20; ++step) descend(first, whole, step);

  auto resumed = parameter(at::ones({3, 2}));
  Optimizer second({{"p", resumed}}, config);
  second.restore(state);
  for (int64_t step = 10; step < 20; ++step) descend(second, resumed, step);
  EXPECT_TRUE(at::equal(whole, resumed));
  EXPECT_TRUE(at::equal(first.averages()["p"], second.averages()["p"]));
}

TEST(Optimizer, SwapsParametersAndAveragesAndBack) {
  auto p = parameter(at::zeros({2}));
  Optimizer optimizer({{"p", p}}, {.learning_rate = 0.1, .steps = 5});
  for (int64_t step = 0; step < 5; ++step) descend(optimizer, p, step);
  const auto value = p.detach().clone();
  const auto average = optimizer.averages()["p"].clone();
  EXPECT_FALSE(at::equal(value, average));
  optimizer.swap_averages();
  EXPECT_TRUE(at::equal(p, average));
  optimizer.swap_averages();
  EXPECT_TRUE(at::equal(p, value));
}

TEST(Optimizer, MovesAMatrixAlikeInAllDirections) {
  auto matrix = parameter(at::zeros({4, 20}));
  auto table = parameter(at::zeros({4, 20}));
  Optimizer optimizer({{"block.weight", matrix}, {"embedding.weight", table}},
                      {.learning_rate = 0.001, .matrix_rate = 0.1, .warm_up = 0, .steps = 1});
  // Of rank 4, and 100 times longer in one direction than in another.
  auto gradient = at::zeros({4, 20});
  for (int64_t i = 0; i < 4; ++i) gradient[i][i] = std::pow(100, static_cast<double>(i) / 3);
  ((matrix + table) * gradient).sum().backward();
  optimizer.update(0);

  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_LT(matrix[i][i].item<double>(), -0.02) << i;
    EXPECT_GT(matrix[i][i].item<double>(), -0.13) << i;
  }
  EXPECT_NEAR(table.abs().max().item<double>(), 0.001, 1e-5);  // AdamW's first step
}

TEST(Orthogonalised, KeepsTheSingularVectorsAndMakesTheValuesOne) {
  at::manual_seed(1);
  for (const auto& shape : {std::vector<int64_t>{3, 6, 20}, std::vector<int64_t>{3, 20, 6}}) {
    const auto x = at::randn(shape);
    const auto y = orthogonalised(x);
    const auto values = std::get<1>(at::linalg_svd(y, /*full_matrices=*/false));
    EXPECT_GT(values.min().item<double>(), 0.6);
    EXPECT_LT(values.max().item<double>(), 1.3);
    // x = U S V' and y = U F V', so that y x' = U F S U' is symmetric and has no negative values.
    const auto product = at::bmm(y, x.transpose(1, 2));
    EXPECT_TRUE(at::allclose(product, product.transpose(1, 2), 1e-4, 1e-4));
    EXPECT_GT(at::linalg_eigvalsh(product).min().item<double>(), -1e-3);
  }
}

}  // namespace
}  // namespace unclip::train
