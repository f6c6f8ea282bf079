#include "lab/bench.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/error.h"
#include "base/write_file.h"
#include "lab/operation_counter.h"
#include "lab/peak_rate.h"
#include "tests/support/fake_accelerator.h"
#include "tests/support/golden.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;

TEST(OperationCounter, CountsProductsConvolutionsAndAttentionByTheirDefinition) {
  const at::NoGradGuard no_grad;
  const auto x = at::ones({2, 3, 5}), weight = at::ones({7, 5});
  const auto picture = at::ones({1, 4, 6, 6}), kernel = at::ones({8, 4, 3, 3});
  const auto q = at::ones({1, 2, 3, 4}), k = at::ones({1, 2, 9, 4});
  const OperationCounter counter;
  double expected = 0;
  EXPECT_EQ(counter.operations(), expected);
  at::linear(x, weight);
  EXPECT_EQ(counter.operations(), expected += 2 * (2 * 3) * 5 * 7);
  at::matmul(x, weight.t());
  EXPECT_EQ(counter.operations(), expected += 2 * (2 * 3) * 5 * 7);
  at::conv2d(picture, kernel, {}, 1, 1);
  EXPECT_EQ(counter.operations(), expected += 2 * 8 * (6 * 6) * 4 * 9);
  at::scaled_dot_product_attention(q, k, k);
  EXPECT_EQ(counter.operations(), expected += 2 * 2 * (2 * 3 * 9 * 4));
  at::add(x, 1);
  EXPECT_EQ(counter.operations(), expected);
}

TEST(OperationCounter, CountsNothingOnceItIsGone) {
  const auto x = at::ones({3, 3});
  { const OperationCounter counter; }
  at::mm(x, x);
  EXPECT_EQ(OperationCounter().operations(), 0);
}

TEST(PeakRate, IsFoundSoonForEveryType) {
  for (const auto type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_GT(peak_rate(type, at::kCPU), 1e6) << type;
    // Where a processor multiplies a type in its slowest way, the largest sizes are minutes' work.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << type;
  }
}

struct Measured : ::testing::Test {
  Measured() { const TinyModel write(Golden("pipeline_plain"), folder.path()); }
  Bench measure(std::vector<std::string> stages, bool low_memory = false, int64_t batch = 1) const {
    return bench(folder.path(), {.low_memory = low_memory},
                 {.stages = std::move(stages), .steps = 3, .batch = batch});
  }
  TemporaryFolder folder;
};

TEST_F(Measured, TellsEveryStagesTimeMemoryAndArithmetic) {
  const auto result = measure({"text", "prior", "decoder", "super-res"});
  ASSERT_EQ(result.stages.size(), 4);
  EXPECT_GT(result.peak_operations, 1e6);
  for (const auto& stage : result.stages) {
    EXPECT_EQ(stage.steps.size(), 3) << stage.stage;
    EXPECT_GT(stage.median_seconds(), 0);
    EXPECT_GT(stage.first_seconds, 0);
    EXPECT_GT(stage.operations, 1e3);
    // The model's own walks, not the steps that were timed.
    EXPECT_EQ(stage.evaluations, stage.stage == "text" ? 1 : stage.stage == "super-res" ? 7 : 25);
    EXPECT_DOUBLE_EQ(stage.picture_seconds(),
                     static_cast<double>(stage.evaluations) * stage.median_seconds());
    EXPECT_GT(stage.peak_bytes, int64_t{1} << 20);
  }
}

TEST_F(Measured, CountsTwiceTheArithmeticOfTwoPictures) {
  const auto one = measure({"super-res"}, /*low_memory=*/true);
  const auto two = measure({"super-res"}, /*low_memory=*/true, 2);
  EXPECT_NEAR(two.stages[0].operations / one.stages[0].operations, 2, 0.01);
}

TEST_F(Measured, TellsWhyAStageIsNotRecorded) {
  testing::FakeAccelerator fake(at::kCPU);
  EXPECT_EQ(as_text(measure({"prior"})).find("not recorded"), std::string::npos);
  fake.refuses = true;
  // With little memory the networks are gone by then.
  for (const bool low_memory : {false, true}) {
    const auto result = measure({"prior", "decoder", "super-res"}, low_memory);
    const auto text = as_text(result);
    for (const auto& stage : result.stages) {
      EXPECT_EQ(stage.refusals, std::set<std::string>{"this is not recorded"});
      const auto label = stage.stage;
      EXPECT_NE(text.find(label + " is not recorded, which takes longer: this is not recorded"),
                std::string::npos)
          << text;
    }
    EXPECT_NE(as_json(result).find(R"("refusals":["this is not recorded"])"), std::string::npos);
  }
}

TEST_F(Measured, ReadsWhatItWrote) {
  const auto result = measure({"prior"});
  const auto file = folder.path() / "bench.json";
  write_file(file, as_json(result), WriteMode::kOverwrite);
  const auto read = read_bench(file);
  ASSERT_EQ(read.stages.size(), 1);
  EXPECT_EQ(read.stages[0].steps, result.stages[0].steps);
  EXPECT_EQ(read.stages[0].peak_bytes, result.stages[0].peak_bytes);
  EXPECT_NE(compared(result, read, "bench.json").find("1.00x    1.00x    1.00x    1.00x"),
            std::string::npos)
      << compared(result, read, "bench.json");
}

TEST(Compared, TellsStepsByThePicture) {
  const auto of = [](int64_t batch, double prior, double decoder) {
    return Bench{.batch = batch,
                 .stages = {{.stage = "prior", .steps = {prior}, .evaluations = 10},
                            {.stage = "decoder", .steps = {decoder}, .evaluations = 2}}};
  };
  // (10 * 0.1 + 2 * 1) / ((10 * 0.2 + 2 * 4) / 4) = 1.2
  const auto text = compared(of(4, 0.2, 4), of(1, 0.1, 1), "one.json");
  EXPECT_NE(text.find("    2.00x "), std::string::npos) << text;
  EXPECT_NE(text.find("    1.00x "), std::string::npos) << text;
  EXPECT_NE(text.find("of these stages: 1.20x\n"), std::string::npos) << text;
}

TEST_F(Measured, RefusesAFileThatIsNoBench) {
  const auto file = folder.path() / "bench.json";
  for (const auto* text :
       {R"({"model": "m", "device": "cpu", "dtype": "float32"})",
        R"({"model": "m", "device": "cpu", "dtype": "float32", "stages": {"dream": {}}})",
        R"({"model": "m", "device": "cpu", "dtype": "float32", "stages": {"prior":
            {"load_seconds": 1, "first_seconds": 1, "steps": [], "operations_per_step": 1,
             "peak_bytes": 1}}})"}) {
    write_file(file, text, WriteMode::kOverwrite);
    EXPECT_THROW(read_bench(file), Error) << text;
  }
}

TEST_F(Measured, RefusesAStageThatTheModelLacks) { EXPECT_THROW(measure({"dream"}), Error); }

}  // namespace
}  // namespace unclip::lab
