#include "scheduler/aliases.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "scheduler/class_traits.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

TEST(Aliases, AreOtherProgramsNamesOfOurSamplers) {
  const std::pair<const char*, const char*> kNames[] = {
      {"euler_a", "euler_ancestral"},
      {"k_euler_a", "euler_ancestral"},
      {"sample_euler_ancestral", "euler_ancestral"},
      {"Euler a", "euler_ancestral"},
      {"DPM++ 2M Karras", "dpmpp_2m:spacing=karras"},
      {"dpm++ 2m karras", "dpmpp_2m:spacing=karras"},
      {"DPM++ 2M SDE Heun Exponential", "dpmpp_2m_sde:spacing=exponential,solver=heun"},
      {"dpmpp_2m_karras", "dpmpp_2m:spacing=karras"},
      {"sample_dpmpp_2m", "dpmpp_2m"},
      {"dpmpp_2m_sde", "dpmpp_2m_sde"},
      {"DPMSolverMultistepScheduler", "dpmpp_2m"},
      {"PNDMScheduler", "pndm:warm_up=runge_kutta"},
      {"UniPC", "unipc"},
      {"DDIM:eta=0.5", "ddim:eta=0.5"},
      {"DPM++ 2M Karras:order=3", "dpmpp_2m:spacing=karras,order=3"},
      {"DPM++ 2M Karras:spacing=logsnr", "dpmpp_2m:spacing=logsnr"},
  };
  for (const auto& [name, walk] : kNames) {
    EXPECT_EQ(walk_text(parse_walk(name)), walk) << name;
  }
}

TEST(Aliases, HaveEachMeaningThatASamplerKnows) {
  for (const auto& alias : sampler_aliases()) {
    const auto walk = parse_walk(alias.name);
    EXPECT_EQ(walk_text(walk), alias.meaning) << alias.name;
    auto known = sampler_options(walk.sampler);
    for (const auto& [key, value] : walk.own) {
      EXPECT_TRUE(std::any_of(known.begin(), known.end(),
                              [&, &wanted = key](const auto& k) { return k.name == wanted; }));
    }
  }
}

TEST(Aliases, AreThereForEveryClassThatSamples) {
  for (const auto& traits : class_traits()) {
    if (traits.bit == scheduler_class::kDdimInverse) continue;
    EXPECT_NE(sampler_meaning(traits.name), traits.name);
  }
}

TEST(Aliases, OfOtherSamplersAreNone) {
  for (const auto* name : {"DPM2 a", "dpm_fast", "Karras", "_karras", "ddim karas", ""}) {
    EXPECT_EQ(sampler_meaning(name), name);
    EXPECT_THROW(parse_walk(name), Error) << name;
  }
}

TEST(Aliases, OfSchedulesAreReadLikeTheirMeaning) {
  EXPECT_EQ(make_noise_schedule("squaredcos_cap_v2").alpha_bar,
            make_noise_schedule("cosine").alpha_bar);
  EXPECT_EQ(walk_text(parse_walk("ddim:schedule=squaredcos_cap_v2")), "ddim:schedule=cosine");
}

}  // namespace
}  // namespace unclip
