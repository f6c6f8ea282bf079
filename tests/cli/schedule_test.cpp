// The verb schedule, and the flags that choose a sampler.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "image/png.h"
#include "scheduler/scheduler.h"
#include "tests/cli/run.h"

namespace unclip::cli {
namespace {

using testing::error_of;
using testing::read_text;
using testing::run_with;
using testing::VerbFolder;
using testing::Words;

std::string usage_of(const Words& words) {
  try {
    run_with(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no usage error";
}

TEST(Schedule, ListsEveryName) {
  const auto out = run_with({"schedule", "list"}).out;
  auto names = noise_schedule_names();
  for (const auto& name : timestep_spacing_names()) names.push_back(name);
  for (const auto& name : scheduler_names()) names.push_back(name);
  for (const auto& name : names) EXPECT_NE(out.find("  " + name + "\n"), out.npos) << name;
  EXPECT_NE(out.find("  unipc\n    solver=bh2  bh2 or bh1\n"), out.npos);
}

TEST(Schedule, ShowsSchedulesAndSamplers) {
  const VerbFolder folder;
  const auto out = run_with({"schedule", "show", "cosine", "heun", "--steps", "3", "--json"}).out;
  std::istringstream lines(out);
  for (const size_t rows : {3, 5}) {
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(nlohmann::json::parse(line)["logsnr"].size(), rows);
  }
  const auto file = folder.name("walk.csv");
  EXPECT_EQ(run_with({"schedule", "show", "cosine", "--csv", "-o", file}).out, file + "\n");
  EXPECT_TRUE(read_text(file).starts_with("name,step,timestep,"));
  // What is written is read again.
  EXPECT_EQ(run_with({"schedule", "show", "cosine", "--steps", "1000", "--csv"}).out.find("nan"),
            std::string::npos);
  const auto plot = folder.name("plot.svg");
  EXPECT_EQ(run_with({"schedule", "show", "cosine", "--plot", plot}).err, plot + "\n");
  EXPECT_NE(read_text(plot).find("<svg"), std::string::npos);
}

TEST(Schedule, TellsWhatIsWrong) {
  EXPECT_EQ(usage_of({"schedule"}),
            "schedule: list, show NAME..., order WALK... or compare WALK... is wanted");
  EXPECT_EQ(usage_of({"schedule", "paint"}),
            "schedule paint: list, show NAME..., order WALK... or compare WALK... is wanted");
  EXPECT_EQ(usage_of({"schedule", "list", "x"}), "schedule list takes no names");
  EXPECT_EQ(usage_of({"schedule", "show", "cosine", "--steps", "0"}),
            "--steps: expected an integer from 1 to 1000000, got '0'");
  EXPECT_EQ(usage_of({"schedule", "show", "linear", "--beta-end", "1"}),
            "--beta-end: expected a number between 0 and 1, got '1'");
  EXPECT_EQ(error_of([] {
              run_with({"schedule", "show", "cosine", "--steps", "1001"});
            }),
            "a walk of 1001 steps was asked for; 1 to 1000 are possible");
  EXPECT_TRUE(error_of([] {
                run_with({"schedule", "show", "cosin"});
              }).starts_with("there is no schedule or sampler 'cosin'; did you mean cosine?"));
}

TEST(SchedulerFlags, ChooseTheSamplerOfEachStage) {
  const VerbFolder folder;
  const auto painted = [&](const Words& more) {
    Words words = {"a red fox", "-s", "5", "--overwrite", "-o", folder.name("x.png")};
    words.insert(words.end(), more.begin(), more.end());
    folder.run("generate", words);
    return to_8bit(read_png(folder / "x.png"));
  };
  const auto own = painted({});
  EXPECT_EQ(painted({"--prior-scheduler", "unclip", "--decoder-scheduler", "unclip",
                     "--super-res-scheduler", "unclip"}),
            own);
  for (const auto* flag : {"--prior-scheduler", "--decoder-scheduler", "--super-res-scheduler"}) {
    EXPECT_NE(painted({flag, "dpmpp_2m:spacing=karras,order=3"}), own) << flag;
    const auto recipe = nlohmann::json::parse(read_png_text(folder / "x.png").at(1).text);
    auto key = std::string(flag + 2);
    std::replace(key.begin(), key.end(), '-', '_');
    EXPECT_EQ(recipe[key], "dpmpp_2m:spacing=karras,order=3");
    EXPECT_EQ(folder.run("replay", {folder.name("x.png")}).out,
              folder.name("x.png") + ": the same picture, to the last bit\n");
  }
  EXPECT_NE(painted({"--decoder-scheduler", "ddim:timesteps=900/500/100"}), own);
  EXPECT_EQ(nlohmann::json::parse(read_png_text(folder / "x.png").at(1).text)["decoder_steps"], 3);
}

TEST(SchedulerFlags, AreRefusedBesideAPicturesOwnNoise) {
  const VerbFolder folder;
  const auto a = folder.picture("a.png", 0.4);
  const auto usage = [&](const Words& words) {
    auto all = words;
    all.insert(all.end(), {"-m", (folder / "model").string(), "--decoder-scheduler", "heun", "-q"});
    return usage_of(all);
  };
  const std::string why =
      ", which starts from noise that ddim found: only ddim leads back from there";
  EXPECT_EQ(usage({"vary", a, "--strength", "1"}),
            "--decoder-scheduler: cannot be combined with --strength" + why);
  EXPECT_EQ(usage({"mix", a, a, "--noise", "interpolated"}),
            "--decoder-scheduler: cannot be combined with --noise interpolated" + why);
  EXPECT_EQ(usage({"diff", a, "--from", "a", "--to", "red"}),
            "--decoder-scheduler: cannot be combined with --noise inverted" + why);
}

TEST(SchedulerFlags, TellWhatIsWrongBeforeAnythingIsPainted) {
  const VerbFolder folder;
  const auto usage = [&](const std::string& flag, const std::string& walk) {
    return usage_of(
        {"fox", "-m", (folder / "model").string(), flag, walk, "-o", folder.name("x.png")});
  };
  EXPECT_TRUE(
      usage("--decoder-scheduler", "eulr")
          .starts_with("--decoder-scheduler: there is no sampler 'eulr'; did you mean euler?"));
  EXPECT_EQ(usage("--prior-scheduler", "euler:eta=1"),
            "--prior-scheduler: sampler 'euler' has no options of its own; eta was given");
  EXPECT_EQ(usage("--super-res-scheduler", "ddim:timesteps=5/9"),
            "--super-res-scheduler: the list of timesteps has 9; falling numbers from 999 to 0 are "
            "wanted");
  EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace unclip::cli
