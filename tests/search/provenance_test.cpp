#include "search/provenance.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <random>

#include "image/encode_image.h"
#include "image/png.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

TEST(ParseParametersText, ReadsWhatProgramsWrite) {
  const struct {
    const char* text;
    Provenance wanted;
  } kCases[] = {
      {"a red ball\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 512x512, "
       "Model hash: abc, Model: v1-5, Version: v1.9.4",
       {"a red ball", 3, "v1-5"}},
      {"two lines,\nof a prompt\nNegative prompt: blurred,\nugly\nSteps: 2, Seed: 4, Model: "
       "\"a, b: \\\"c\\\"\"",
       {"two lines,\nof a prompt", 4, "a, b: \"c\""}},
      {"\nSteps: 2, Sampler: ddim, Seed: 18446744073709551615", {"", UINT64_MAX, ""}},
      {"Steps: 2, Sampler: ddim, Seed: 5", {"", 5, ""}},
      {"a prompt: with a colon", {"a prompt: with a colon", {}, ""}},
      {"only a prompt\r\n", {"only a prompt", {}, ""}},
      {"Negative prompt: x\nSteps: 1, Seed: 2, Model: m", {"", 2, "m"}},
      {"no Negative prompt: here\nSteps: 1, Seed: -1, Model: m",
       {"no Negative prompt: here", {}, "m"}},
      {"p\nSteps: 1, Seed: 99999999999999999999, Model: \"unended", {"p", {}, "\"unended"}},
      {"", {}}};
  for (const auto& [text, wanted] : kCases) {
    const auto found = parse_parameters_text(text);
    EXPECT_EQ(found.prompt, wanted.prompt) << text;
    EXPECT_EQ(found.seed, wanted.seed) << text;
    EXPECT_EQ(found.model, wanted.model) << text;
  }
}

TEST(ParseParametersText, LeavesOutWhatIsTooLongOrNoUtf8) {
  const std::string pairs = "\nSteps: 1, Seed: 2, Model: m";
  EXPECT_EQ(parse_parameters_text(std::string(kMostText, 'x') + pairs).prompt.size(), kMostText);
  EXPECT_EQ(parse_parameters_text(std::string(kMostText + 1, 'x') + pairs).prompt, "");
  EXPECT_EQ(parse_parameters_text("\xff" + pairs).prompt, "");
  EXPECT_EQ(parse_parameters_text("\xff" + pairs).seed, 2u);
}

TEST(ParseRecipeText, ReadsWhatUnclipWrites) {
  EXPECT_EQ(parse_recipe_text(R"({"prompt": "a ball", "seed": 7, "model": {"name": "tiny"}})"),
            (Provenance{"a ball", 7, "tiny"}));
  for (const auto* text : {"", "[]", "{", R"({"prompt": 3, "seed": -1, "model": []})",
                           R"({"seed": 1.5, "model": {"name": {}}})", "{\"prompt\": \"\xff\"}"}) {
    EXPECT_EQ(parse_recipe_text(text), Provenance()) << text;
  }
}

/// Whatever bytes come, parsers return what an index can hold.
TEST(Provenance, OfAnyBytesCanBeKept) {
  const std::string seeds[] = {
      "p, \"q\"\nNegative prompt: n\nSteps: 20, Sampler: \"a \\\" b\", Seed: 3, Model: m",
      R"({"prompt": "a \u00e4 ball", "seed": 7, "model": {"name": "tiny"}})"};
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    auto text = seeds[i % 2];
    for (int k = 0; k < 4; ++k) {
      const auto at = random() % text.size();
      constexpr std::string_view kSigns = ":,\"\\\n{}[] \xff";
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.insert(at, 1, kSigns[random() % kSigns.size()]);
          break;
        default:
          text.resize(std::max<size_t>(1, at));
      }
    }
    const std::vector<Provenance> rows = {parse_parameters_text(text), parse_recipe_text(text)};
    EXPECT_GT(provenance_tensor(rows).numel(), 2);
  }
}

TEST(ReadProvenance, PrefersOurOwnText) {
  const TemporaryFolder folder;
  const auto read = [&](const std::vector<PngText>& texts) {
    return read_provenance(
        write_png(folder / "x.png", at::zeros({3, 2, 2}), texts, WriteMode::kOverwrite));
  };
  const PngText parameters{"parameters", "a cone\nSteps: 1, Seed: 2, Model: m"};
  const PngText ours{"unclip", R"({"prompt": "a ball", "seed": 7, "model": {"name": "tiny"}})"};
  EXPECT_EQ(read({parameters}), (Provenance{"a cone", 2, "m"}));
  EXPECT_EQ(read({parameters, ours}), (Provenance{"a ball", 7, "tiny"}));
  EXPECT_EQ(read({}), Provenance());
  write_text(folder / "x.jpg", "\xff\xd8\xff");
  EXPECT_EQ(read_provenance(folder / "x.jpg"), Provenance());
}

TEST(ReadProvenance, ReadsJpegAndWebp) {
  const TemporaryFolder folder;
  const PngText parameters{"parameters", "a cone\nSteps: 1, Seed: 2, Model: m"};
  const PngText ours{"unclip",
                     R"({"prompt": "a b\u00e4ll", "seed": 7, "model": {"name": "tiny"}})"};
  for (const auto format : {ImageFormat::kPng, ImageFormat::kJpeg, ImageFormat::kWebp}) {
    const auto read = [&](const std::vector<PngText>& texts) {
      const EncodeOptions options{.format = format};
      write_text(folder / "x", encode_image(at::zeros({3, 8, 8}), texts, options));
      return read_provenance(folder / "x");
    };
    SCOPED_TRACE(format_name(format));
    EXPECT_EQ(read({parameters}), (Provenance{"a cone", 2, "m"}));
    EXPECT_EQ(read({parameters, ours}), (Provenance{"a b\u00e4ll", 7, "tiny"}));
    EXPECT_EQ(read({}), Provenance());
  }
}

}  // namespace
}  // namespace unclip
