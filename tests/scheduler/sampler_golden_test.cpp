#include <gtest/gtest.h>

#include <set>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"
#include "scheduler/scheduler.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

struct GoldenCase {
  const char* golden;
  const char* walk;  // that the golden's class and its keys stand for
  double rtol = 1e-5;
  int64_t steps = 0;  // of the config's own spacing; 0: over the reference's timesteps
};

const std::vector<GoldenCase> kGoldenCases = {
    {"ddpm_fixed_small", "ddpm"},
    {"ddpm_fixed_large", "ddpm:variance=own"},
    {"ddpm_learned_range", "ddpm"},
    {"ddim_rescaled", "ddim", 3e-4},  // from alpha_bar = 0, where ours is 2^-24
    {"ddim_thresholded", "ddim"},
    {"euler", "euler"},
    {"euler_v", "euler"},
    {"euler_ancestral", "euler_ancestral"},
    {"heun", "heun"},
    {"lms", "lms"},
    {"pndm", "pndm"},
    {"dpmpp_1s", "dpmpp_1s"},
    {"dpmpp_2s", "dpmpp_2s"},
    {"dpmpp_2s_odd", "dpmpp_2s:solver=heun"},
    {"dpmpp_2m", "dpmpp_2m"},
    {"dpmpp_2m_heun", "dpmpp_2m:solver=heun"},
    {"dpmpp_2m_sigma_min", "dpmpp_2m"},
    {"dpmpp_2m_sde", "dpmpp_2m_sde"},
    {"unipc_bh1", "unipc:solver=bh1"},
    {"unipc_bh2", "unipc"},
    {"unipc_third", "unipc:order=3"},
    {"deis", "deis"},
    {"deis_third", "deis:order=3"},
    {"lcm", "lcm"},
    {"pndm_warmed_up", "pndm:warm_up=runge_kutta", 1e-5, 10},
    {"sa_solver", "sa_solver"},
    {"sa_solver_third", "sa_solver:order=3,corrector_order=4"},
};

class SamplerGolden : public ::testing::TestWithParam<GoldenCase> {
 protected:
  const Golden golden{std::string("sampler_") + GetParam().golden};
  const at::Tensor& x = golden["x"];

  NoiseSource noise() const { return NoiseSource({golden.seed(), golden.seed() + 1}); }

  /// The reference's timesteps, each once: what a walk over them is made of.
  std::vector<double> timesteps() const {
    std::vector<double> list;
    const auto& all = golden["timesteps"];
    for (int64_t i = 0; i < all.size(0); ++i) {
      const auto t = all[i].item<double>();
      if (list.empty() || list.back() != t) list.push_back(t);
    }
    return list;
  }
  std::unique_ptr<Scheduler> make(WalkOptions walk) const {
    walk.steps = GetParam().steps;
    if (walk.steps == 0) {
      walk.timesteps = timesteps();
      walk.steps = static_cast<int64_t>(walk.timesteps.size());
    }
    return make_scheduler(golden.config(), walk);
  }
  std::unique_ptr<Scheduler> make() const { return make(parse_walk(GetParam().walk)); }
};

TEST_P(SamplerGolden, AsksAsOftenAsDiffusersDoes) {
  const auto scheduler = make();
  EXPECT_TRUE(close(at::tensor(scheduler->timesteps()).to(at::kLong), golden["timesteps"], 0));
}

// The walk's own state is made by its own steps; each begins where the reference's does.
TEST_P(SamplerGolden, WalksAsDiffusersDoes) {
  const auto scheduler = make();
  auto source = noise();
  EXPECT_TRUE(close(source.draw_like(x[0]), x[0], /*rtol=*/0));
  for (int64_t i = 0; i + 1 < x.size(0); ++i) {
    const auto next =
        scheduler->step(golden["model_output"][i], static_cast<size_t>(i), x[i], source);
    EXPECT_TRUE(close(next, x[i + 1], GetParam().rtol)) << "step " << i;
  }
}

TEST_P(SamplerGolden, IsWhatTheClassOfTheConfigMeans) {
  const auto named = make(), published = make({});
  auto one = noise(), other = noise();
  at::Tensor a = one.draw_like(x[0]), b = other.draw_like(x[0]);
  for (int64_t i = 0; i + 1 < x.size(0); ++i) {
    a = named->step(golden["model_output"][i], static_cast<size_t>(i), a, one);
    b = published->step(golden["model_output"][i], static_cast<size_t>(i), b, other);
  }
  EXPECT_TRUE(at::equal(a, b));
}

INSTANTIATE_TEST_SUITE_P(, SamplerGolden, ::testing::ValuesIn(kGoldenCases),
                         [](const auto& info) { return info.param.golden; });

TEST(SamplerGoldens, AreOfEverySamplerThatTheReferenceHas) {
  std::set<std::string> compared = {"unclip"};  // in unclip_scheduler_test.cpp
  for (const auto& each : kGoldenCases) compared.insert(parse_walk(each.walk).sampler);
  for (const auto& name : scheduler_names()) {
    // The reference's third order is not that of the paper: convergence_test.cpp has ours.
    if (name == "dpmpp_3m_sde") continue;
    EXPECT_TRUE(compared.contains(name)) << name;
  }
}

}  // namespace
}  // namespace unclip
