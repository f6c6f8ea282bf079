#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "image/png.h"
#include "tests/cli/run.h"
#include "tests/support/close.h"
#include "tests/support/error_matcher.h"
#include "weights/checkpoint.h"

namespace unclip::cli {
namespace {

using nlohmann::json;
using testing::close;
using testing::error_of;
using testing::mentions;
using testing::ModelFolder;
using testing::read_text;
using testing::run_with;
using testing::Words;
using testing::write_text;

std::vector<json> objects(const std::string& lines) {
  std::vector<json> objects;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) objects.push_back(json::parse(line));
  return objects;
}

TEST(Generate, TellsEachPictureAsJson) {
  const ModelFolder folder;
  const auto printed =
      run_with(folder.generate("{i}.png", {"a fox", "red", "-n", "2", "-s", "40", "--json"}));
  const auto pictures = objects(printed.out);
  ASSERT_EQ(pictures.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(pictures[i]["path"], (folder / (std::to_string(i) + ".png")).string());
    EXPECT_EQ(pictures[i]["prompt"], i < 2 ? "a fox" : "red");
    EXPECT_EQ(pictures[i]["seed"], 40 + i);
    EXPECT_EQ(pictures[i]["index"], i);
    EXPECT_EQ(pictures[i]["width"], 32);
    EXPECT_EQ(pictures[i]["height"], 32);
    EXPECT_GT(pictures[i]["seconds"].get<double>(), 0);
    EXPECT_EQ(read_png(folder / (std::to_string(i) + ".png")).size(2), 32);
  }
}

TEST(Generate, PrintsThePathsAlone) {
  const ModelFolder folder;
  const auto printed = run_with(folder.generate("new/", {"a fox", "-s", "7", "-n", "2"}));
  EXPECT_EQ(printed.out, (folder / "new/unclip-7.png").string() + "\n" +
                             (folder / "new/unclip-8.png").string() + "\n");
  EXPECT_EQ(printed.err.find("seed 7 to 8\n"), 0u);
}

TEST(Generate, TellsNothingElseWhereItIsToBeQuiet) {
  const ModelFolder folder;
  const auto printed = run_with(folder.generate("x.png", {"an unknown fox", "-q"}));
  EXPECT_EQ(printed.err, "");
  EXPECT_EQ(printed.out, (folder / "x.png").string() + "\n");
}

TEST(Generate, ShowsTheSeedItChose) {
  const ModelFolder folder;
  const auto printed = run_with(folder.generate("{seed}.png", {"a fox"}));
  std::istringstream words(printed.err);
  std::string word, seed;
  words >> word >> seed;
  EXPECT_EQ(word, "seed");
  EXPECT_EQ(printed.out, (folder / (seed + ".png")).string() + "\n");
  EXPECT_NE(printed.out, run_with(folder.generate("{seed}.png", {"a fox"})).out);
}

uint64_t seed_of(const ModelFolder& folder, const Words& seed) {
  Words words = {"a fox", "--json"};
  words.insert(words.end(), seed.begin(), seed.end());
  return objects(run_with(folder.generate("{seed}.png", words)).out).at(0)["seed"];
}

// jq and JavaScript round larger ones, and then another image is painted.
TEST(Generate, DrawsSeedsBelowTwoToTheThirtySecond) {
  const ModelFolder folder;
  for (const Words& seed : {Words{}, Words{"-s", "random"}, Words{"-s", "-1"}, Words{"-s", "-1"}}) {
    EXPECT_LT(seed_of(folder, seed), uint64_t{1} << 32);
  }
}

TEST(Generate, TakesTheLargestSeedAndReplaysIt) {
  const ModelFolder folder;
  const std::string largest = "18446744073709551615";
  EXPECT_EQ(seed_of(folder, {"-s", largest}), UINT64_MAX);
  const auto path = folder / (largest + ".png");
  run_with({"replay", "-m", folder / "model", path, "-o", folder / "again.png"});
  EXPECT_EQ(read_text(path), read_text(folder / "again.png"));
}

TEST(Generate, TakesStepsAndGuidanceForAllStages) {
  const ModelFolder folder;
  run_with(folder.generate(
      "x.png", {"a fox", "--steps", "3", "--guidance", "1.5", "--super-res-steps", "1"}));
  const auto recipe = json::parse(read_png_text(folder / "x.png").at(1).text);
  EXPECT_EQ(recipe["prior_steps"], 3);
  EXPECT_EQ(recipe["decoder_steps"], 3);
  EXPECT_EQ(recipe["super_res_steps"], 1);
  EXPECT_EQ(recipe["prior_guidance"], 1.5);
  EXPECT_EQ(recipe["decoder_guidance"], 1.5);
}

TEST(Generate, HintsToQuoteAPromptOfSeveralWords) {
  const ModelFolder folder;
  EXPECT_NE(run_with(folder.generate("x.png", {"a", "red", "fox"})).err.find("\"a red fox\"\n"),
            std::string::npos);
  EXPECT_EQ(run_with(folder.generate("x.png", {"a red fox", "fox"})).err.find("quote"),
            std::string::npos);
}

TEST(Generate, PaintsThePictureAgainFromItsMetadata) {
  const ModelFolder folder;
  run_with(folder.generate("x.png", {"a red fox", "-s", "5", "--decoder-steps", "3",
                                     "--decoder-guidance", "2.5", "--prior-guidance", "0.1"}));
  const auto recipe = json::parse(read_png_text(folder / "x.png").at(1).text);
  EXPECT_EQ(recipe["prior_steps"], 2);
  const auto number = [&](const char* key) { return recipe[key].dump(); };
  const Words again = {recipe["prompt"],
                       "-s",
                       number("seed"),
                       "--prior-steps",
                       number("prior_steps"),
                       "--decoder-steps",
                       number("decoder_steps"),
                       "--super-res-steps",
                       number("super_res_steps"),
                       "--prior-guidance",
                       number("prior_guidance"),
                       "--decoder-guidance",
                       number("decoder_guidance")};
  run_with(folder.generate("again.png", again));
  EXPECT_EQ(read_text(folder / "x.png"), read_text(folder / "again.png"));
  run_with(folder.generate("other.png", {"a red fox", "-s", "6"}));
  EXPECT_NE(to_8bit(read_png(folder / "x.png")), to_8bit(read_png(folder / "other.png")));
}

TEST(Generate, PutsTheParametersIntoThePng) {
  const ModelFolder folder;
  run_with(folder.generate("x.png", {"a fox \xe7\x8b\x90", "-s", "5"}));
  const auto text = read_png_text(folder / "x.png").at(0);
  EXPECT_EQ(text.keyword, "parameters");
  EXPECT_EQ(text.text.find("a fox \xe7\x8b\x90\nSteps: 2, Sampler: UnCLIPScheduler, CFG scale: 2, "
                           "Seed: 5, Size: 32x32, Model hash: "),
            0u)
      << text.text;
}

TEST(Generate, SavesTheTensorsOfAllPictures) {
  const ModelFolder folder;
  const auto file = (folder / "t.safetensors").string();
  run_with(folder.generate(
      "{i}.png", {"a fox", "red", "-s", "5", "--batch-size", "2", "--save-tensors", file}));
  const auto tensors = Checkpoint::open(file);
  EXPECT_EQ(tensors.names().size(), 5u);
  EXPECT_EQ(tensors.tensor("token_ids").scalar_type(), at::kLong);
  EXPECT_EQ(tensors.tensor("token_ids").sizes(), (std::vector<int64_t>{2, 16}));
  EXPECT_EQ(tensors.tensor("text_embedding").sizes(), (std::vector<int64_t>{2, 32}));
  EXPECT_EQ(tensors.tensor("image_embedding").sizes(), (std::vector<int64_t>{2, 32}));
  EXPECT_EQ(tensors.tensor("image_small").sizes(), (std::vector<int64_t>{2, 3, 16, 16}));
  const auto image = tensors.tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{2, 3, 32, 32}));
  for (int64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(to_8bit(image[i]), to_8bit(read_png(folder / (std::to_string(i) + ".png"))));
  }
  EXPECT_FALSE(close(image[0], image[1], /*rtol=*/1e-2));
}

TEST(Generate, ReplacesNothingUnlessAskedTo) {
  const ModelFolder folder;
  const auto path = (folder / "x.png").string();
  const auto tensors = (folder / "t.safetensors").string();
  write_text(path, "mine");
  write_text(tensors, "mine");
  auto arguments = folder.generate("x.png", {"a fox", "--save-tensors", tensors});
  EXPECT_EQ(run_with(arguments).out, (folder / "x-1.png").string() + "\n");
  EXPECT_EQ(read_text(path), "mine");
  EXPECT_EQ(read_text(tensors), "mine");
  EXPECT_TRUE(std::filesystem::exists(folder / "t-1.safetensors"));
  arguments.push_back("--overwrite");
  EXPECT_EQ(run_with(arguments).out, path + "\n");
  EXPECT_EQ(Checkpoint::open(tensors).names().size(), 5u);
}

TEST(Generate, PointsOutWordsThatTheModelDoesNotKnow) {
  const ModelFolder folder;
  EXPECT_EQ(run_with(folder.generate("x.png", {"a Red fox!"})).err.find("does not know"),
            std::string::npos);
  EXPECT_NE(
      run_with(folder.generate("x.png", {"a blue fox", "snow"}))
          .err.find("tiny does not know \"blue\", \"snow\"; `unclip info` lists its 3 words\n"),
      std::string::npos);
  EXPECT_NE(run_with({"info", folder / "model"}).out.find("\nknows 3 words: a red fox\n"),
            std::string::npos);
}

TEST(Generate, TellsWhatOfAPromptIsNotRead) {
  const ModelFolder folder;
  std::string prompt = "a red fox";
  for (int i = 0; i < 40; ++i) prompt += " snow";
  const auto err = run_with(folder.generate("x.png", {prompt})).err;
  EXPECT_NE(err.find("left out: \""), err.npos);
  EXPECT_NE(err.find("snow\""), err.npos);
}

TEST(Generate, RefusesMoreStepsThanTheScheduleHas) {
  const ModelFolder folder;
  for (const std::string flag : {"--prior-steps", "--decoder-steps", "--super-res-steps"}) {
    try {
      run_with(folder.generate("x.png", {"a fox", flag, "1001"}));
      FAIL() << flag;
    } catch (const UsageError& error) {
      EXPECT_TRUE(mentions(error.what(), {flag, "1 to 1000", "'1001'"}));
    }
  }
}

TEST(Generate, RefusesGuidanceThatIsNoneOrSaysNothing) {
  const ModelFolder folder;
  const auto refusal = [&](const Words& words) -> std::string {
    try {
      run_with(folder.generate("x.png", words));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_TRUE(mentions(refusal({"a", "--prior-guidance-rescale", "1.5"}),
                       {"--prior-guidance-rescale", "0 to 1", "'1.5'"}));
  for (const std::string wrong : {"3", "3..1", "1..2..3", "a..b"}) {
    EXPECT_TRUE(mentions(refusal({"a", "--decoder-guidance-interval", wrong}),
                         {"--decoder-guidance-interval", "A..B", "'" + wrong + "'"}));
  }
  EXPECT_EQ(refusal({"a", "--prior-guidance", "1", "--prior-guidance-rescale", "0.5"}),
            "--prior-guidance-rescale: expected --prior-guidance other than 1");
  EXPECT_EQ(refusal({"a", "--decoder-guidance", "1", "--decoder-guidance-interval", "0..1"}),
            "--decoder-guidance-interval: expected --decoder-guidance other than 1");
  EXPECT_EQ(
      refusal({"a", "--decoder-guidance", "1", "--prior-guidance", "1", "--negative-prompt", "b"}),
      "--negative-prompt: expected guidance other than 1, of prior or decoder");
}

TEST(Generate, FindsOutBeforeItPaintsThatItCannotWrite) {
  const ModelFolder folder;
  const auto path = (folder / "none/x.png").string();
  EXPECT_EQ(error_of([&] { run_with(folder.generate("none/x.png", {"a fox"})); }),
            path + ": cannot be written: there is no folder " + (folder / "none").string());
  EXPECT_NE(error_of([&] {
              run_with(folder.generate("x.png", {"a fox", "--save-tensors", folder.path()}));
            }),
            "");
  EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

TEST(Generate, PaintsAVerbBehindTwoDashes) {
  const ModelFolder folder;
  const auto pictures = objects(
      run_with(folder.generate("{i}.png", {"--json", "--", "info", "", "--json", "-n"})).out);
  ASSERT_EQ(pictures.size(), 4u);
  EXPECT_EQ(pictures[0]["prompt"], "info");
  EXPECT_EQ(pictures[1]["prompt"], "");
  EXPECT_EQ(pictures[2]["prompt"], "--json");
  EXPECT_EQ(pictures[3]["prompt"], "-n");
}

TEST(Generate, ReadsPromptsFromStandardInput) {
  const ModelFolder folder;
  const auto pictures =
      objects(run_with(folder.generate("{i}.png", {"--json", "--prompts", "-"}), "a\n\nb\n").out);
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_EQ(pictures[1]["prompt"], "b");
}

/// A stream that gives its second line only after the first one's image was printed.
class SlowLines : public std::streambuf {
 public:
  explicit SlowLines(const std::ostringstream& out) : out_(out) {}
  bool in_order = true;

 private:
  int_type underflow() override {
    if (next_ == 2) return traits_type::eof();
    if (next_ == 1) in_order = !out_.str().empty();
    auto& line = lines_[next_++];
    setg(line.data(), line.data(), line.data() + line.size());
    return traits_type::to_int_type(line[0]);
  }
  const std::ostringstream& out_;
  std::string lines_[2] = {"a\n", "b\n"};
  int next_ = 0;
};

TEST(Generate, PaintsEachLineOfStandardInputAsItComes) {
  const ModelFolder folder;
  std::ostringstream out, err;
  SlowLines lines(out);
  std::istream in(&lines);
  run(folder.generate("x.png", {"first", "-s", "5", "-n", "2", "--json", "--prompts", "-"}),
      {in, out, err});
  EXPECT_TRUE(lines.in_order);
  const auto images = objects(out.str());
  ASSERT_EQ(images.size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(images[i]["index"], i);
    EXPECT_EQ(images[i]["seed"], 5 + i);
    EXPECT_EQ(images[i]["path"], (folder / ("x-" + std::to_string(i) + ".png")).string());
  }
  EXPECT_EQ(images[5]["prompt"], "b");
}

}  // namespace
}  // namespace unclip::cli
