#include "lab/convergence.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

struct Claim {
  const char* name;
  const char* walk;
  double order;
};

// Of the error at the end of a walk in the length of its steps.
const std::vector<Claim> kClaims = {
    {"ddim", "ddim", 1},
    {"dpmpp_1s", "dpmpp_1s", 1},
    {"euler", "euler", 1},
    {"heun", "heun", 2},
    {"lms", "lms", 3.5},
    {"lms_2", "lms:order=2", 2},
    {"dpmpp_2s", "dpmpp_2s", 2},
    {"dpmpp_2m", "dpmpp_2m", 2},
    {"dpmpp_2m_heun", "dpmpp_2m:solver=heun", 2},
    {"dpmpp_3m", "dpmpp_2m:order=3", 2.7},
    {"unipc_bh1", "unipc:solver=bh1", 2},
    {"unipc_bh2", "unipc", 3},
    {"unipc_third", "unipc:order=3", 2.7},
    {"deis", "deis", 2},
    {"deis_third", "deis:order=3", 2.7},
    {"pndm", "pndm", 2},
    {"pndm_warmed_up", "pndm:warm_up=runge_kutta", 2},
    {"sa_solver", "sa_solver:tau=0", 2},
    {"sa_solver_third", "sa_solver:tau=0,order=3,corrector_order=3", 2.7},
};

class EveryClaim : public ::testing::TestWithParam<Claim> {};

TEST_P(EveryClaim, IsKeptInAWorldOfOneGaussianAndOfTwo) {
  for (const auto& c : convergence({GetParam().walk}, {40, 80})) {
    EXPECT_GT(c.order(), GetParam().order - 0.25)
        << c.world << ": errors " << c.error[0] << ", " << c.error[1];
  }
}

INSTANTIATE_TEST_SUITE_P(, EveryClaim, ::testing::ValuesIn(kClaims),
                         [](const auto& info) { return info.param.name; });

TEST(Convergence, OfEverySamplerWithoutNoiseIsClaimed) {
  for (const auto& name : noiseless_samplers()) {
    const bool claimed = std::any_of(kClaims.begin(), kClaims.end(), [&](const Claim& claim) {
      const std::string walk = claim.walk;
      return walk.substr(0, walk.find(':')) == name;
    });
    EXPECT_TRUE(claimed) << name;
  }
}

TEST(Convergence, TellsWhatHasNone) {
  EXPECT_EQ(testing::error_of([] {
              convergence({"ddim:eta=1"}, {10, 20});
            }),
            "'ddim:eta=1' draws noise: it has no exact end to converge to");
  for (const std::vector<int64_t>& steps : {std::vector<int64_t>{10}, {20, 10}, {10, 10}}) {
    EXPECT_EQ(testing::error_of([&] { convergence({"ddim"}, steps); }),
              "an order is measured between two numbers of steps or more, which rise");
  }
}

}  // namespace
}  // namespace unclip::lab
