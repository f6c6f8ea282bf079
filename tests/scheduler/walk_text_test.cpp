#include <gtest/gtest.h>

#include "base/config.h"
#include "base/error.h"
#include "scheduler/scheduler.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

std::string walk_text_error(const std::string& text) {
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
  EXPECT_EQ(parse_walk("ddim:timesteps=999,500.5,0,eta=1").timesteps,
            (std::vector<double>{999, 500.5, 0}));
  const auto own = parse_walk("ddim:sigmas=14.6,7.1,0,eta=1");
  EXPECT_EQ(own.sigmas, (std::vector<double>{14.6, 7.1, 0}));
  EXPECT_EQ(listed_steps(own), 2);
  EXPECT_EQ(own.own, (std::map<std::string, std::string>{{"eta", "1"}}));
}

TEST(WalkText, ReadsBackAsItWas) {
  for (const std::string text :
       {"euler", "ddim:eta=0.25", "heun:clip=yes",
        "unipc:spacing=beta,timesteps=999/0.5,sigma_max=80,clip=no,order=3,solver=bh1",
        "ddim:threshold=0.995", "euler:sigmas=14.6/7.1/0.03/0", "ddim:schedule=laplace",
        "heun:sigma_max=80,schedule=alpha_bar/0.9/0.45/0", "ddim:schedule=beta/0.1/0.2"}) {
    EXPECT_EQ(walk_text(parse_walk(text)), text);
  }
}

TEST(WalkText, NamesAScheduleFileOnlyWhereFilesMayBeOpened) {
  const testing::TemporaryFolder folder;
  testing::write_text(folder / "s.csv", "alphas_cumprod\n0.9\n0.45\n0\n");
  const auto text = "ddim:schedule=" + (folder / "s.csv").string();
  // A picture's metadata must not open files.
  EXPECT_EQ(walk_text_error(text).find("schedule: expected a name, got '"), 0u)
      << walk_text_error(text);
  const auto walk = read_walk(text);
  EXPECT_EQ(walk_text(walk), "ddim:schedule=alpha_bar/0.9/0.45/0");
  EXPECT_EQ(walk_text(parse_walk(walk_text(walk))), walk_text(walk));
}

/// A model of three timesteps, or of 1000.
std::unique_ptr<Scheduler> walked(const std::string& text, int64_t timesteps) {
  auto walk = parse_walk(text);
  walk.steps = std::max<int64_t>(listed_steps(walk), 2);
  return make_scheduler(
      Config::parse(R"({"_class_name": "DDIMScheduler", "num_train_timesteps": )" +
                        std::to_string(timesteps) + "}",
                    "scheduler_config.json"),
      walk);
}

TEST(WalkText, ItsSigmasAreTheLevelsAndTheEnd) {
  const auto scheduler = walked("euler:sigmas=14.6,2.5,0.3", 1000);
  ASSERT_EQ(scheduler->timesteps().size(), 2u);
  EXPECT_NEAR(scheduler->level(0).ratio(), 14.6, 1e-9);
  EXPECT_NEAR(scheduler->level(1).ratio(), 2.5, 1e-9);
  EXPECT_NEAR(scheduler->level(2).ratio(), 0.3, 1e-9);
  EXPECT_EQ(walked("heun:sigmas=14.6,2.5,0", 1000)->level(3).ratio(), 0);
  // In more steps log sigma is interpolated, and the end stays.
  auto walk = parse_walk("euler:sigmas=16,1,0");
  walk.steps = 3;
  const auto longer =
      make_scheduler(Config::parse(R"({"_class_name": "DDIMScheduler"})", "c"), walk);
  EXPECT_NEAR(longer->level(1).ratio(), 4, 1e-9);
  EXPECT_EQ(longer->level(3).ratio(), 0);
  for (const auto* text :
       {"euler:sigmas=1,2,0", "euler:sigmas=2", "euler:sigmas=2,-1", "euler:sigmas=0,0"}) {
    EXPECT_THROW(walked(text, 1000), Error) << text;
  }
}

TEST(WalkText, ItsScheduleTakesThePlaceOfTheModels) {
  const auto scheduler = walked("ddim:schedule=alpha_bar/0.9/0.5/0,spacing=linspace", 3);
  EXPECT_FLOAT_EQ(scheduler->level(0).alpha_bar, 0x1p-24F);
  EXPECT_FLOAT_EQ(scheduler->level(1).alpha_bar, 0.9F);
  EXPECT_NE(walked("ddim:schedule=cosine", 1000)->level(0).alpha_bar,
            walked("ddim", 1000)->level(0).alpha_bar);
  try {
    walked("ddim:schedule=alpha_bar/0.9/0.5/0", 1000);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "schedule: expected 1000 timesteps, which the model was trained on, got 3");
  }
}

TEST(WalkText, TellsWhatItCannotRead) {
  EXPECT_TRUE(walk_text_error("dpmp_2m").starts_with(
      "there is no sampler 'dpmp_2m'; did you mean dpmpp_2m?"));
  EXPECT_TRUE(walk_text_error("").starts_with("there is no sampler ''; "));
  EXPECT_TRUE(walk_text_error("ddim:spacing=karas")
                  .starts_with("there is no spacing 'karas'; did you mean karras?"));
  EXPECT_EQ(walk_text_error("ddim:eta"), "'ddim:eta': expected key=value, got 'eta'");
  EXPECT_EQ(walk_text_error("ddim:=1"), "'ddim:=1': expected key=value, got '=1'");
  EXPECT_EQ(walk_text_error("ddim:clip=maybe"), "clip: expected yes or no, got 'maybe'");
  EXPECT_EQ(walk_text_error("ddim:eta=0,eta=1"), "'ddim:eta=0,eta=1': eta twice");
  EXPECT_EQ(walk_text_error("ddim:threshold=1.5"),
            "threshold: expected a number above 0 and up to 1, got '1.5'");
  EXPECT_EQ(walk_text_error("ddim:threshold=0.9,clip=yes"),
            "'ddim:threshold=0.9,clip=yes': clip and threshold exclude each other");
  EXPECT_EQ(walk_text_error("ddim:sigma_max=0"), "sigma_max: expected a number above 0, got '0'");
  EXPECT_EQ(walk_text_error("ddim:sigma_max=x"), "sigma_max: expected a number above 0, got 'x'");
  EXPECT_EQ(walk_text_error("ddim:timesteps=9/x"),
            "timesteps: expected numbers with / or commas between them, got '9/x'");
  EXPECT_EQ(walk_text_error("ddim:sigmas=9,0,spacing=karras"),
            "'ddim:sigmas=9,0,spacing=karras': sigmas and spacing exclude each other");
  EXPECT_EQ(walk_text_error("ddim:schedule=alpha_bar/0.5/0.6"),
            "schedule: alpha_bar 1: expected a number between 0 and 0.5, the one before, got 0.6");
  EXPECT_TRUE(walk_text_error("ddim:schedule=cosin").find("did you mean cosine?") !=
              std::string::npos);
}

}  // namespace
}  // namespace unclip
