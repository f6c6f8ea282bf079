// What encode and rank, index and search refuse, leave out or point out.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "cli/arguments.h"
#include "embedding/embeddings.h"
#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"
#include "weights/write_safetensors.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::run_with;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

/// A model one of whose parts computes what is not a number.
struct NanFolder : VerbFolder {
  explicit NanFolder(const std::string& part) {
    const auto file = *this / "model" / part / "model.safetensors";
    std::map<std::string, at::Tensor> tensors;
    {
      const auto weights = Checkpoint::open(file);
      for (const auto& name : weights.names()) tensors[name] = weights.tensor(name).clone();
    }
    for (auto& [name, x] : tensors) {
      if (x.is_floating_point()) x.fill_(std::numeric_limits<double>::quiet_NaN());
    }
    write_safetensors(file, tensors);
  }
};

TEST(EveryVerb, RefusesEmbeddingsThatAreNotNumbers) {
  const NanFolder images("image_encoder"), texts("text_encoder");
  fs::create_directory(images / "p");
  const auto image = images.picture("p/a.png", 0.2);
  const auto out = images.name("x.npy");
  const struct {
    const NanFolder& folder;
    std::string verb;
    Words words;
    std::string part;
  } kCases[] = {
      {images, "encode", {image, "-o", out}, "image_encoder"},
      {images, "encode", {image, "-o", images.name("x.safetensors")}, "image_encoder"},
      {images, "encode", {image, "-o", "-"}, "image_encoder"},
      {images, "index", {images.name("p")}, "image_encoder"},
      {images, "rank", {image, "--text", "fox"}, "image_encoder"},
      {texts, "encode", {"--text", "fox", "-o", texts.name("x.npy")}, "text_encoder"},
      {texts, "prior", {"fox", "-o", texts.name("x.safetensors")}, ""},
  };
  for (const auto& [folder, verb, words, part] : kCases) {
    SCOPED_TRACE(verb + " " + words.back());
    const auto error = error_of([&] { folder.run(verb, words); });
    EXPECT_TRUE(has(error, "not numbers")) << error;
    EXPECT_TRUE(has(error, part)) << error;
  }
  for (const auto* file : {"x.npy", "x.safetensors", "p/.unclip-index.safetensors"}) {
    EXPECT_FALSE(fs::exists(images / file)) << file;
    EXPECT_FALSE(fs::exists(texts / file)) << file;
  }
}

const std::string kLatin = "caf\xe9.png";

TEST(Encode, LeavesOutANameThatIsNotUtf8IfItMay) {
  const VerbFolder folder;
  const auto a = folder.picture("a.png", 0.2);
  const auto latin = folder.picture(kLatin, 0.9);
  const auto file = folder.name("x.safetensors");
  for (const bool from_list : {false, true}) {
    Words words = {"--skip-unreadable", "--overwrite", "-o", file};
    const auto names = from_list ? Words{"-"} : Words{latin, a};
    words.insert(words.end(), names.begin(), names.end());
    const auto input = from_list ? latin + "\n" + a + "\n" : "";
    const auto printed = folder.run("encode", words, input);
    EXPECT_TRUE(has(printed.err, ".png: the file's name is not valid UTF-8\n")) << printed.err;
    const auto rows = read_embeddings(file);
    ASSERT_EQ(rows.rows(), 1);
    EXPECT_EQ(rows.origins[0].path, a);
    // Without the flag it is an error, which calls a path a path.
    words.erase(words.begin());
    const auto error = error_of([&] { folder.run("encode", words, input); });
    EXPECT_TRUE(has(error, "the file's name is not valid UTF-8")) << error;
    EXPECT_FALSE(has(error, "prompt")) << error;
  }
  EXPECT_TRUE(testing::mentions(error_of([&] {
                                  folder.run("encode", {latin, "--skip-unreadable", "-o", file});
                                }),
                                {"images can be read"}));
  const auto error = error_of([&] { folder.run("rank", {latin, "--text", "fox"}); });
  EXPECT_TRUE(has(error, "the file's name is not valid UTF-8")) << error;
}

TEST(Index, LeavesOutANameThatIsNotUtf8) {
  const VerbFolder folder;
  fs::create_directory(folder / "p");
  folder.picture("p/a.png", 0.2);
  folder.picture("p/" + kLatin, 0.9);
  const auto printed = folder.run("index", {folder.name("p")});
  EXPECT_TRUE(has(printed.err, "left out: ")) << printed.err;
  EXPECT_TRUE(has(printed.err, "valid UTF-8")) << printed.err;
  EXPECT_EQ(read_embeddings(folder / "p/.unclip-index.safetensors").rows(), 1);
}

TEST(EveryVerb, PointsOutWordsThatTheModelDoesNotKnow) {
  const VerbFolder folder;
  fs::create_directory(folder / "p");
  const auto image = folder.picture("p/a.png", 0.2);
  folder.run("index", {folder.name("p")});
  write_text(folder / "labels.txt", "zebra\nfox\n");
  const std::string model = folder.name("model"), out = folder.name("x.safetensors");
  for (const Words& words :
       {Words{"rank", image, "--text", "a zebra"},
        Words{"rank", image, "--labels", folder.name("labels.txt")},
        Words{"encode", "--text", "a zebra", "-o", out},
        Words{"search", folder.name("p"), "a zebra"}, Words{"prior", "a zebra", "-o", out}}) {
    auto loud = words, quiet = words;
    loud.insert(loud.end(), {"-m", model});
    quiet.insert(quiet.end(), {"-m", model, "-q"});
    EXPECT_TRUE(has(run_with(loud).err, "zebra")) << words[0];
    EXPECT_EQ(run_with(quiet).err, "") << words[0];
  }
}

TEST(Rank, NamesAListWithoutTexts) {
  const VerbFolder folder;
  const auto image = folder.picture("a.png", 0.2);
  try {
    folder.run("rank", {image, "--text", "--threads", "1"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_TRUE(has(error.what(), "--text")) << error.what();
  }
}

}  // namespace
}  // namespace unclip::cli
