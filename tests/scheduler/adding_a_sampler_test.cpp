#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/config.h"
#include "nn/noise_source.h"
#include "scheduler/denoise.h"

namespace unclip {
namespace {

TEST(AddingASampler, AsThePageTellsMakesItKnownAndWalk) {
  const auto names = scheduler_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "newcomer"), 1);
  EXPECT_EQ(walk_text(parse_walk("newcomer:spacing=karras")), "newcomer:spacing=karras");
  const auto walked = [](const std::string& sampler) {
    const auto config = Config::parse("{}", "scheduler_config.json");
    const auto scheduler = make_scheduler(config, {.sampler = sampler, .steps = 10});
    NoiseSource noise({1});
    const Denoiser model = [](const at::Tensor& x_t, const At&) { return x_t / 2; };
    return denoise(*scheduler, model, noise.draw({3, 4, 4}), noise);
  };
  EXPECT_TRUE(at::equal(walked("newcomer"), walked("euler")));
}

}  // namespace
}  // namespace unclip
