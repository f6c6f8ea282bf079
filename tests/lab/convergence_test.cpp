#include "lab/convergence.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "scheduler/scheduler.h"
#include "tests/weights/files.h"

namespace unclip::lab {
namespace {

struct Claim {
  const char* name;
  const char* walk;
  double order;
  int64_t steps = 40;  // between these and twice as many it is measured
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

// Of walks that draw noise, in how their ends are distributed; with fewer steps, before chance
// shows.
const std::vector<Claim> kNoisyClaims = {
    {"ddpm", "ddpm", 1, 20},
    {"unclip", "unclip", 1, 20},
    {"ddim_noisy", "ddim:eta=1", 1, 20},
    {"euler_ancestral", "euler_ancestral", 1, 20},
    {"dpmpp_2m_sde", "dpmpp_2m_sde", 1.7, 20},  // 2, of which chance takes some
    {"dpmpp_3m_sde", "dpmpp_3m_sde", 2.7, 10},
    {"sa_solver_noisy", "sa_solver", 2, 20},
    {"sa_solver_third_noisy", "sa_solver:order=3,corrector_order=3", 2.7, 10},
};

class EveryClaim : public ::testing::TestWithParam<Claim> {};

TEST_P(EveryClaim, IsKeptInAWorldOfOneGaussianAndOfTwo) {
  for (const auto& c : convergence({GetParam().walk}, {GetParam().steps, 2 * GetParam().steps})) {
    EXPECT_GT(c.order(), GetParam().order - 0.25)
        << c.world << ": errors " << c.error[0] << ", " << c.error[1];
  }
}

INSTANTIATE_TEST_SUITE_P(Flows, EveryClaim, ::testing::ValuesIn(kClaims),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Diffusions, EveryClaim, ::testing::ValuesIn(kNoisyClaims),
                         [](const auto& info) { return info.param.name; });

TEST(Convergence, OfEverySamplerIsClaimed) {
  for (const auto& name : samplers_with_an_order()) {
    const auto of_it = [&](const Claim& claim) { return parse_walk(claim.walk).sampler == name; };
    EXPECT_TRUE(std::any_of(kClaims.begin(), kClaims.end(), of_it) ||
                std::any_of(kNoisyClaims.begin(), kNoisyClaims.end(), of_it))
        << name;
  }
}

TEST(Convergence, TellsWhatHasNone) {
  EXPECT_EQ(testing::error_of([] {
              convergence({"ddim_inverse"}, {10, 20});
            }),
            "'ddim_inverse' leads to noise; expected a sampler that leads to a sample");
  for (const std::vector<int64_t>& steps : {std::vector<int64_t>{10}, {20, 10}, {10, 10}}) {
    EXPECT_EQ(testing::error_of([&] { convergence({"ddim"}, steps); }),
              "an order is measured between two numbers of steps or more, which rise");
  }
}

}  // namespace
}  // namespace unclip::lab
