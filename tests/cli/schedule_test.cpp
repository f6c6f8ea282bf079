// The verb schedule, and the flags that choose a sampler.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/arguments.h"
#include "image/png.h"
#include "scheduler/aliases.h"
#include "scheduler/scheduler.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"

namespace unclip::cli {
namespace {

using testing::error_of;
using testing::read_text;
using testing::run_with;
using testing::usage_error;
using testing::VerbFolder;
using testing::Words;

std::string schedule_usage(const Words& words) {
  return usage_error([&] { run_with(words); });
}

TEST(Schedule, ListsEveryName) {
  const auto out = run_with({"schedule", "list"}).out;
  auto names = noise_schedule_names();
  for (const auto& name : timestep_spacing_names()) names.push_back(name);
  for (const auto& name : scheduler_names()) names.push_back(name);
  for (const auto& name : names) EXPECT_NE(out.find("  " + name + "\n"), out.npos) << name;
  EXPECT_NE(out.find("  unipc\n    solver=bh2  bh2 or bh1\n"), out.npos);
  for (const auto& key : common_keys()) {
    EXPECT_NE(out.find("    " + std::string(key.name) + "  "), out.npos) << key.name;
  }
  for (const auto& alias : sampler_aliases()) {
    EXPECT_NE(out.find("  " + std::string(alias.name) + "  " + alias.meaning + "\n"), out.npos);
  }
  const auto json = nlohmann::json::parse(run_with({"schedule", "list", "--json"}).out);
  EXPECT_EQ(json["aliases"]["DPM++ 2M"]["meaning"], "dpmpp_2m");
}

TEST(Schedule, HasAHelpForEachCommand) {
  const auto help = [](const char* command) {
    return run_with({"schedule", command, "--help"}).out;
  };
  EXPECT_NE(help("show").find("--zero-snr"), std::string::npos);
  EXPECT_EQ(help("compare").find("--zero-snr"), std::string::npos);
  EXPECT_NE(help("compare").find("--reference-steps"), std::string::npos);
  EXPECT_EQ(help("show").find("--reference-steps"), std::string::npos);
  EXPECT_EQ(help("list").find("--steps"), std::string::npos);
  EXPECT_EQ(help("order").find("--prompts"), std::string::npos);
  EXPECT_NE(run_with({"schedule", "--help"}).out.find("schedule"), std::string::npos);
}

/// The rows of a table of docs/SCHEDULERS.md that begin with "| `NAME` |", without their marks.
TEST(Schedule, DocumentsEveryAlias) {
  const auto docs = read_text("docs/SCHEDULERS.md");
  for (const auto& alias : sampler_aliases()) {
    const auto row =
        "| `" + std::string(alias.name) + "` | `" + alias.meaning + "` | " + alias.source + " |\n";
    EXPECT_NE(docs.find(row), std::string::npos) << row;
  }
  for (const auto& key : common_keys()) {
    EXPECT_NE(docs.find("| `" + std::string(key.name) + "` |"), std::string::npos) << key.name;
  }
}

std::string picture_bytes(const std::string& file) {
  const auto pixels = read_png(file).mul(255).round().to(at::kByte).contiguous();
  return {static_cast<const char*>(pixels.const_data_ptr()), static_cast<size_t>(pixels.numel())};
}

TEST(SchedulerFlags, TakeOwnSigmasAndAScheduleFileAndReplayThem) {
  const VerbFolder folder;
  testing::write_text(folder / "s.csv",
                      run_with({"schedule", "show", "laplace", "--steps", "1000", "--csv"}).out);
  const auto x = folder.name("x.png");
  std::set<std::string> images;
  for (const auto& walk : {std::string("ddim"), std::string("ddim:sigmas=20,3,0.5,0"),
                           "ddim:schedule=" + folder.name("s.csv")}) {
    folder.run("generate",
               {"a fox", "-s", "5", "--decoder-scheduler", walk, "--overwrite", "-o", x});
    EXPECT_TRUE(images.insert(picture_bytes(x)).second) << walk;
    EXPECT_EQ(folder.run("replay", {x}).out, x + ": the same image, to the last bit\n") << walk;
  }
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
  // The plot takes the tables' place, unless they are asked for.
  EXPECT_EQ(run_with({"schedule", "show", "cosine", "--plot", plot}).out, plot + "\n");
  const auto both =
      run_with({"schedule", "show", "cosine", "--csv", "--plot", plot, "--overwrite"});
  EXPECT_TRUE(both.out.starts_with("name,step,timestep,"));
  EXPECT_EQ(both.err, plot + "\n");
  EXPECT_NE(read_text(plot).find("<svg"), std::string::npos);
}

TEST(Schedule, TellsWhatIsWrong) {
  EXPECT_EQ(schedule_usage({"schedule"}),
            "schedule: expected list, show NAME..., order [SAMPLER...] or compare SAMPLER..., got "
            "nothing");
  EXPECT_EQ(schedule_usage({"schedule", "paint"}),
            "schedule: expected list, show NAME..., order [SAMPLER...] or compare SAMPLER..., got "
            "'paint'");
  EXPECT_EQ(schedule_usage({"schedule", "list", "x"}), "schedule list: expected no names, got 'x'");
  EXPECT_EQ(schedule_usage({"schedule", "show", "cosine", "--steps", "0"}),
            "--steps: expected an integer from 1 to 1000000, got '0'");
  EXPECT_EQ(schedule_usage({"schedule", "show", "linear", "--beta-end", "1"}),
            "--beta-end: expected a number between 0 and 1, got '1'");
  EXPECT_EQ(error_of([] {
              run_with({"schedule", "show", "cosine", "--steps", "1001"});
            }),
            "steps: expected 1 to 1000, got 1001");
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
              folder.name("x.png") + ": the same image, to the last bit\n");
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
    return schedule_usage(all);
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
    return schedule_usage(
        {"fox", "-m", (folder / "model").string(), flag, walk, "-o", folder.name("x.png")});
  };
  EXPECT_TRUE(
      usage("--decoder-scheduler", "eulr")
          .starts_with("--decoder-scheduler: there is no sampler 'eulr'; did you mean euler?"));
  EXPECT_EQ(
      usage("--prior-scheduler", "euler:eta=1"),
      "--prior-scheduler: sampler 'euler' has no key 'eta'; its own keys: none; keys of every "
      "sampler: spacing, timesteps, sigmas, sigma_max, schedule, clip, threshold");
  EXPECT_EQ(usage("--super-res-scheduler", "ddim:timesteps=5/9"),
            "--super-res-scheduler: timesteps: expected falling numbers from 999 to 0, got 9");
  EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace unclip::cli
