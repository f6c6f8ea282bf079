#include "cli/image_inputs.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/sampling.h"
#include "image/read_picture.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"

namespace unclip::cli {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::usage_error;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

const std::string kImage = "tests/golden/pictures/rgb8.png";

ImageInputs inputs_of(const Words& words, const std::string& input = "") {
  static const auto flags =
      joined({image_input_flags(), {{"skip-unreadable", 0, "", "", "", "Input"}}});
  std::istringstream in(input);
  return ImageInputs(Arguments::parse(flags, words), in);
}

std::string inputs_usage_error(const Words& words) {
  return usage_error([&] { inputs_of(words, "a.png\n"); });
}

TEST(ImageInputs, AreTheWordsThenTheLists) {
  TemporaryFolder folder;
  const auto list = (folder / "list").string();
  write_text(list, "\xEF\xBB\xBFx.png\r\n\n  \ny z.png");
  EXPECT_EQ(inputs_of({"a.png", "--files", list, "b.png"}).names(),
            (Words{"a.png", "b.png", "x.png", "y z.png"}));
  EXPECT_EQ(inputs_of({"--files", "-"}, "1.png\n2.png\n").names(), (Words{"1.png", "2.png"}));
}

TEST(ImageInputs, EndWithAZeroByteIfAskedTo) {
  const std::string found("a\nb.png\0c .png\0", 15);
  EXPECT_EQ(inputs_of({"--files", "-", "-0"}, found).names(), (Words{"a\nb.png", "c .png"}));
  EXPECT_EQ(inputs_of({"-", "--null"}, found).names(), (Words{"a\nb.png", "c .png"}));
}

TEST(ImageInputs, TakeStandardInputForAnImageByItsFirstBytes) {
  for (const auto* file : {"tests/golden/pictures/rgb8.png", "tests/golden/pictures/grey.jpg",
                           "tests/golden/images/lossy.webp", "tests/golden/images/palette.gif"}) {
    const auto inputs = inputs_of({"-"}, read_text(file));
    EXPECT_EQ(inputs.names(), Words{"-"});
    EXPECT_TRUE(at::equal(inputs.read("-"), read_picture(file))) << file;
  }
  EXPECT_EQ(inputs_of({"-"}, "BMW.png\nRIFF.png\n").names(), (Words{"BMW.png", "RIFF.png"}));
}

TEST(ImageInputs, TellStandardInputsNameIfItIsDamaged) {
  const auto inputs = inputs_of({"-"}, read_text(kImage).substr(0, 60));
  EXPECT_TRUE(error_of([&] { inputs.read("-"); }).starts_with("standard input: "));
}

TEST(ImageInputs, RefuseWhatCannotBe) {
  EXPECT_NE(inputs_usage_error({"-", "-"}), "");
  EXPECT_NE(inputs_usage_error({"-", "--files", "-"}), "");
  EXPECT_NE(inputs_usage_error({"a.png", "-0"}).find("--null"), std::string::npos);
  EXPECT_NE(error_of([] { inputs_of({"-"}, "\n\n"); }).find("standard input: "), std::string::npos);
  EXPECT_NE(error_of([] { inputs_of({"--files", "none"}); }).find("none: "), std::string::npos);
}

TEST(ImageInputs, LeaveOutANameThatIsNotUtf8IfAskedTo) {
  const std::string list = "a.png\nb\xff.png\n";
  EXPECT_NE(error_of([&] { inputs_of({"-"}, list); }).find("not valid UTF-8"), std::string::npos);
  const auto inputs = inputs_of({"-", "--skip-unreadable"}, list);
  EXPECT_EQ(inputs.names(), Words{"a.png"});
  ASSERT_EQ(inputs.left_out().size(), 1u);
  EXPECT_TRUE(inputs.left_out()[0].starts_with("b\xEF\xBF\xBD.png: "));
}

// One rule for all verbs.
TEST(StandardInput, IsAnImageOfEveryVerbThatTakesOne) {
  const VerbFolder folder;
  const auto bytes = read_text(kImage);
  const auto run = [&](const std::string& verb, const Words& more, const std::string& file) {
    Words words = {file};
    words.insert(words.end(), more.begin(), more.end());
    return folder.run(verb, words, file == "-" ? bytes : "");
  };
  const std::vector<std::pair<std::string, Words>> verbs = {
      {"vary", {"-s", "3", "--overwrite"}},
      {"encode", {}},
      {"invert", {"--decoder-steps", "2"}},
      {"mix", {kImage, "-s", "3", "--overwrite"}},
      {"diff", {"--from", "fox", "--to", "red", "-s", "3", "--decoder-steps", "2", "--overwrite"}}};
  for (const auto& [verb, words] : verbs) {
    const bool image = verb != "encode" && verb != "invert";
    const auto output = folder.name(verb + (image ? ".png" : ".safetensors"));
    auto more = words;
    more.insert(more.end(), {"-o", output});
    const auto pixels = [&] {
      return image ? read_png(output) : Checkpoint::open(output).tensor("image_embedding");
    };
    run(verb, more, kImage);
    const auto expected = pixels().clone();
    std::filesystem::remove(output);
    run(verb, more, "-");
    EXPECT_TRUE(at::equal(pixels(), expected)) << verb;
  }
  EXPECT_EQ(run("rank", {"--text", "fox", "--csv"}, "-").out.substr(0, 4),
            run("rank", {"--text", "fox", "--csv"}, kImage).out.substr(0, 4));
}

}  // namespace
}  // namespace unclip::cli
