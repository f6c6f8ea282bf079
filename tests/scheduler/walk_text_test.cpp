#include <gtest/gtest.h>

#include "core/error.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

std::string error_of(const std::string& text) {
  try {
    parse_walk(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(WalkText, IsANameAndItsOptions) {
  const auto walk = parse_walk("dpmpp_2m:spacing=karras,order=3,clip=no");
  EXPECT_EQ(walk.sampler, "dpmpp_2m");
  EXPECT_EQ(walk.spacing, "karras");
  EXPECT_EQ(walk.clip, false);
  EXPECT_EQ(walk.own, (std::map<std::string, std::string>{{"order", "3"}}));
  EXPECT_EQ(parse_walk("ddim:timesteps=999/500.5/0").timesteps,
            (std::vector<double>{999, 500.5, 0}));
}

TEST(WalkText, ReadsBackAsItWas) {
  for (const std::string text :
       {"euler", "ddim:eta=0.25", "heun:clip=yes",
        "unipc:spacing=beta,timesteps=999/0.5,sigma_max=80,clip=no,order=3,solver=bh1",
        "ddim:threshold=0.995"}) {
    EXPECT_EQ(walk_text(parse_walk(text)), text);
  }
}

TEST(WalkText, TellsWhatItCannotRead) {
  EXPECT_TRUE(
      error_of("dpmp_2m").starts_with("there is no sampler 'dpmp_2m'; did you mean dpmpp_2m?"));
  EXPECT_TRUE(error_of("").starts_with("there is no sampler ''; "));
  EXPECT_TRUE(error_of("ddim:spacing=karas")
                  .starts_with("there is no spacing 'karas'; did you mean karras?"));
  EXPECT_EQ(error_of("ddim:eta"), "'eta' in 'ddim:eta': key=value is wanted");
  EXPECT_EQ(error_of("ddim:=1"), "'=1' in 'ddim:=1': key=value is wanted");
  EXPECT_EQ(error_of("ddim:clip=maybe"), "clip is 'maybe'; yes or no is wanted");
  EXPECT_EQ(error_of("ddim:eta=0,eta=1"), "'ddim:eta=0,eta=1': eta twice");
  EXPECT_EQ(error_of("ddim:threshold=1.5"),
            "threshold is '1.5'; a number above 0 and up to 1 is wanted");
  EXPECT_EQ(error_of("ddim:threshold=0.9,clip=yes"),
            "'ddim:threshold=0.9,clip=yes': clip and threshold exclude each other");
  EXPECT_EQ(error_of("ddim:sigma_max=0"), "sigma_max is '0'; a number above 0 is wanted");
  EXPECT_EQ(error_of("ddim:sigma_max=x"), "sigma_max is 'x'; a number above 0 is wanted");
  EXPECT_EQ(error_of("ddim:timesteps=9/x"),
            "timesteps is '9/x'; numbers with / between are wanted");
}

}  // namespace
}  // namespace unclip
