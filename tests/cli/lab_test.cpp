// The verbs sweep, schedule compare and bench, and --watch.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "cli/arguments.h"
#include "image/png.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"
#include "tests/support/close.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::ModelFolder;
using testing::read_text;
using testing::run_with;
using testing::usage_error;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

std::string usage_of(const VerbFolder& folder, const std::string& verb, const Words& words) {
  return usage_error([&] { folder.run(verb, words); });
}

TEST(Sweep, PaintsWhatGeneratePaintsAndSavesWhatStaysTheSame) {
  const VerbFolder folder;
  const auto out = folder.name("sweep");
  const Words words = {"a fox", "red",    "--seeds", "3..4", "--decoder-guidance",
                       "2,4",   "--json", "-o",      out};
  const auto told = nlohmann::json::parse(folder.run("sweep", words).out);
  EXPECT_EQ(told["sheet"], out + "/sweep.png");
  // Two prompts, two seeds, two steps each; the decoder alone goes twice as often.
  EXPECT_EQ(told["evaluations"]["prior"]["made"], 8);
  EXPECT_EQ(told["evaluations"]["prior"]["saved"], 8);
  EXPECT_EQ(told["evaluations"]["decoder"]["made"], 16);
  const auto records = csv_records(read_text(out + "/sweep.csv"));
  ASSERT_EQ(records.size(), 9u);
  EXPECT_EQ(records[0], (Words{"cell", "prompt", "seed", "decoder-guidance", "faithful", "clip",
                               "seconds", "picture"}));
  EXPECT_EQ(Words(records[6].begin(), records[6].begin() + 4), (Words{"5", "red", "3", "4"}));
  const auto picture = out + "/" + records[6].back();
  const auto same = folder.run(
      "generate", {"red", "-s", "3", "--decoder-guidance", "4", "-o", folder.name("same.png")});
  EXPECT_TRUE(at::equal(read_png(picture), read_png(folder / "same.png")));
  // Its metadata paints it again.
  EXPECT_EQ(folder.run("replay", {picture}).out, picture + ": the same image, to the last bit\n");
  EXPECT_NE(nlohmann::json::parse(read_text(out + "/run.json"))["command"].get<std::string>().find(
                "'a fox' red --seeds 3..4 --decoder-guidance 2,4"),
            std::string::npos);

  // A picture that is gone is painted again.
  fs::remove(picture);
  EXPECT_EQ(nlohmann::json::parse(folder.run("sweep", words).out)["evaluations"]["decoder"]["made"],
            2);
  EXPECT_TRUE(fs::exists(picture));
  // Once more: all is done.
  fs::remove(out + "/sweep.png");
  const auto again = nlohmann::json::parse(folder.run("sweep", words).out);
  EXPECT_EQ(again["evaluations"]["decoder"]["made"], 0);
  EXPECT_TRUE(fs::exists(out + "/sweep.png"));
  EXPECT_NE(error_of([&] {
              folder.run("sweep", {"a fox", "-o", out});
            }).find("holds another run: unclip sweep"),
            std::string::npos);
}

TEST(Sweep, LoadsTheNetworksAnewForEachType) {
  const VerbFolder folder;
  const auto out = folder.name("sweep");
  const auto told = nlohmann::json::parse(
      folder.run("sweep", {"a fox", "--dtype", "float32,bfloat16", "--json", "-o", out}).out);
  EXPECT_EQ(told["evaluations"]["decoder"]["made"], 4);
  const auto records = csv_records(read_text(out + "/sweep.csv"));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[2][1], "bfloat16");
  EXPECT_FALSE(at::equal(read_png(out + "/pictures/0.png"), read_png(out + "/pictures/1.png")));
  const auto half = out + "/pictures/1.png";
  EXPECT_EQ(folder.run("replay", {half}).out, half + ": the same image, to the last bit\n");
}

TEST(Sweep, TellsWhatIsWrongBeforeItPaints) {
  const VerbFolder folder;
  const auto out = folder.name("sweep");
  const auto refusal = [&](Words words) {
    words.insert(words.begin(), {"a", "-o", out});
    return usage_of(folder, "sweep", words);
  };
  EXPECT_EQ(refusal({"--seeds", "4..1"}),
            "--seeds: expected integers separated by commas, or A..B of at most 10000 numbers, got "
            "'4..1'");
  EXPECT_EQ(refusal({"--decoder-guidance", "2", "--decoder-guidance", "3,2"}),
            "decoder-guidance: expected each value once, got '2' twice");
  EXPECT_NE(refusal({"--decoder-scheduler", "ddim_inverse"}).find("walks from a sample to noise"),
            std::string::npos);
  EXPECT_NE(refusal({"--seeds", "1,x"}).find("--seeds: expected"), std::string::npos);
  EXPECT_NE(refusal({"--decoder-guidance", "1,x"}).find("--decoder-guidance: expected"),
            std::string::npos);
  EXPECT_NE(refusal({"--dtype", "float32,int8"}).find("--dtype: expected"), std::string::npos);
  EXPECT_NE(refusal({"--decoder-steps", "1,1001"}).find("--decoder-steps: expected"),
            std::string::npos);
  EXPECT_NE(refusal({"--decoder-scheduler", "ddim,ddimm"}).find("did you mean ddim?"),
            std::string::npos);
  EXPECT_NE(refusal({"--seeds", "1..400", "--decoder-guidance", "1,2,3", "--decoder-steps",
                     "1,2,3,4,5,6,7,8,9,10", "--super-res-steps", "1,2,3,4,5,6,7,8,9,10"})
                .find("images, got 120000"),
            std::string::npos);
  EXPECT_NE(refusal({"--columns", "seeds"})
                .find("--columns: there is no axis 'seeds'; did you mean seed?"),
            std::string::npos);
  EXPECT_EQ(refusal({"--seed", "1", "--seeds", "2"}), "--seed and --seeds exclude each other");
  EXPECT_EQ(error_of([&] {
              folder.run("sweep", {"a", "-o", out, "--negative-prompt", "\xff"});
            }),
            "--negative-prompt: expected UTF-8 text");
  EXPECT_FALSE(fs::exists(out));
}

TEST(Compare, TellsEachPairAndKeepsItsFolder) {
  const VerbFolder folder;
  write_text(folder / "prompts.txt", "a fox\nred\n");
  const auto out = folder.name("comparison");
  const Words words = {"compare",
                       "ddim",
                       "heun:sigma_max=80",
                       "--steps",
                       "2,3",
                       "--prompts",
                       folder.name("prompts.txt"),
                       "--reference-steps",
                       "5",
                       "--out",
                       out};
  auto json = words;
  json.push_back("--json");
  std::istringstream lines(folder.run("schedule", json).out);
  std::vector<nlohmann::json> pairs;
  for (std::string line; std::getline(lines, line);) pairs.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[3]["walk"], "heun:sigma_max=80");
  EXPECT_EQ(pairs[3]["evaluations"], 5);
  EXPECT_EQ(pairs[3]["pictures"], 2);
  EXPECT_TRUE(pairs[0]["clip"].is_number());
  EXPECT_EQ(csv_records(read_text(out + "/comparison.csv")).size(), 9u);
  EXPECT_TRUE(fs::exists(out + "/sheet.png"));
  EXPECT_NE(read_text(out + "/quality.svg").find("<svg"), std::string::npos);
  // Each picture can be painted again.
  const auto picture = out + "/" + csv_records(read_text(out + "/comparison.csv"))[3].back();
  EXPECT_EQ(folder.run("replay", {picture}).out, picture + ": the same image, to the last bit\n");
  // The table that was printed is the one that is kept; a second run reads it all.
  EXPECT_EQ(folder.run("schedule", words).out, read_text(out + "/table.txt"));
}

TEST(Compare, TellsWhatIsWrong) {
  const VerbFolder folder;
  write_text(folder / "prompts.txt", "a fox\n");
  const auto refusal = [&](Words words) {
    words.insert(words.begin(), "compare");
    words.insert(words.end(), {"--prompts", folder.name("prompts.txt")});
    return usage_of(folder, "schedule", words);
  };
  EXPECT_EQ(refusal({}), "schedule compare: expected SAMPLER..., got nothing");
  EXPECT_EQ(refusal({"ddim", "ddim"}), "schedule compare: 'ddim' twice");
  EXPECT_EQ(refusal({"ddim", "--steps", "5,0"}),
            "--steps: expected integers from 1 to 1000000, separated by commas, got '5,0'");
  EXPECT_NE(refusal({"ddimm"}).find("did you mean ddim?"), std::string::npos);
  EXPECT_NE(refusal({"ddim", "--steps", "1001"}).find("1001"), std::string::npos);
  EXPECT_EQ(refusal({"ddim", "--decoder-steps", "5"}),
            "--decoder-steps: that stage's are compared; see --steps and --stage");
  EXPECT_EQ(usage_of(folder, "schedule", {"compare", "ddim"}),
            "schedule compare: expected --prompts FILE, got none");
  EXPECT_EQ(refusal({"ddim", "--steps", "2,2"}), "--steps: expected each number once, got '2,2'");
  EXPECT_NE(refusal({"ddim", "--zero-snr"}).find("--zero-snr"), std::string::npos);
  EXPECT_EQ(refusal({"ddim", "--steps", "2", "--evaluations", "2"}),
            "--steps and --evaluations exclude each other");
  EXPECT_EQ(error_of([&] {
              refusal({"ddim", "--plot", folder.name("x.pdf")});
            }),
            folder.name("x.pdf") + ": expected a name that ends in .svg or .png for a plot");
  EXPECT_NE(refusal({"ddim", "--stage", "text"}).find("--stage: expected"), std::string::npos);
}

TEST(Preset, IsOfWalksThatDrawTheirNoise) {
  const VerbFolder folder;
  const auto picture = folder.picture("a.png", 0.5);
  EXPECT_EQ(
      usage_of(folder, "generate", {"a", "--preset", "fats"}),
      "--preset: there is no preset 'fats'; did you mean fast? There are fast, balanced, exact");
  EXPECT_EQ(usage_of(folder, "vary", {picture, "--strength", "0.5", "--preset", "fast"}),
            "--preset: cannot be combined with --strength, which starts from noise that ddim "
            "found: only ddim leads back from there");
  const auto x = folder.name("x.png");
  folder.run("generate", {"a fox", "-s", "5", "--preset", "fast", "-o", x});
  const auto json = nlohmann::json::parse(read_png_text(x).at(1).text);
  EXPECT_EQ(json["decoder_scheduler"], "ddim:spacing=trailing");
  EXPECT_EQ(json["prior_steps"], 2);
  EXPECT_EQ(json["decoder_steps"], 4);
  EXPECT_EQ(folder.run("replay", {x}).out, x + ": the same image, to the last bit\n");
}

TEST(Watch, WritesTheStepsOfEachPicture) {
  const VerbFolder folder;
  const auto out = folder.name("watched");
  folder.run("generate",
             {"a fox", "-n", "2", "-s", "5", "--watch", out, "-o", folder.name("{seed}.png")});
  EXPECT_TRUE(fs::exists(out + "/1-6/decoder.gif"));
  // The last step's x_0 is the picture, but for rounding.
  EXPECT_EQ(csv_records(read_text(out + "/0-5/steps.csv")).size(), 1u + 2 + 2 + 2);
  EXPECT_TRUE(testing::close(read_png(out + "/0-5/super_res-1-x_0.png"), read_png(folder / "5.png"),
                             /*rtol=*/0, /*atol=*/1.5 / 255));
  EXPECT_NE(error_of([&] {
              folder.run("generate", {"a", "--watch", out, "-o", folder.name("y.png")});
            }).find("expected an empty folder"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "y.png"));
}

TEST(BenchVerb, MeasuresTheStagesThatAreAskedForAndComparesWithAFile) {
  const ModelFolder folder;
  const Words words = {
      "bench", "-m", folder / "model",      "--stages", "prior,super-res", "--steps",
      "2",     "-o", folder / "before.json"};
  auto json = words;
  json.push_back("--json");
  run_with(json);
  const auto before = nlohmann::json::parse(read_text(folder / "before.json"));
  EXPECT_EQ(before["dtype"], "float32");
  EXPECT_EQ(before["stages"].size(), 2u);
  EXPECT_EQ(before["stages"]["prior"]["steps"].size(), 2u);
  EXPECT_GT(before["stages"]["super-res"]["operations_per_step"], 0);

  const auto told = run_with({"bench", "-m", folder / "model", "--stages", "prior", "--steps", "2",
                              "--against", folder / "before.json"});
  EXPECT_NE(told.out.find("prior"), std::string::npos);
  EXPECT_EQ(told.out.find("super-res"), std::string::npos);
  EXPECT_NE(told.err.find("before.json (tiny, float32"), std::string::npos) << told.err;
}

TEST(BenchVerb, RefusesAStageThatThereIsNot) {
  const ModelFolder folder;
  EXPECT_THROW(run_with({"bench", "-m", folder / "model", "--stages", "prior,dream"}), UsageError);
  EXPECT_THROW(run_with({"bench", "-m", folder / "model", "a fox"}), UsageError);
}

TEST(Dtype, AutoIsTheTypeThatThePictureTells) {
  const ModelFolder folder;
  run_with({"generate", "-m", folder / "model", "--dtype", "auto", "-s", "1", "-q", "-o",
            folder / "auto.png", "a fox"});
  const auto replayed = run_with({"replay", "-m", folder / "model", folder / "auto.png"});
  EXPECT_NE(replayed.out.find("the same image, to the last bit"), std::string::npos);
}

}  // namespace
}  // namespace unclip::cli
