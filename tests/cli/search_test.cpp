// The verb search.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "image/png.h"
#include "tests/cli/search_folder.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::has_part;
using testing::read_text;
using testing::run_with;
using testing::SearchFolder;
using testing::Words;
using testing::write_text;

TEST(Search, ShowsWhatItFindsOnASheet) {
  const SearchFolder folder;
  folder.index();
  const auto file = (folder / "found.png").string();
  const auto printed = folder.search({"fox", "a fox", "-n", "2", "--contact-sheet", file});
  EXPECT_TRUE(has_part(printed.err, file + "\n"));
  EXPECT_FALSE(has_part(printed.out, file));
  const auto sheet = to_uint8(read_png(file));
  // Two rows of two pictures of 20 x 30, each with a red of its own: all pixels of them are there.
  int64_t coloured = 0;
  for (const int red : {51, 128, 230}) {
    coloured += ((sheet[0] == red) & (sheet[1] == 0) & (sheet[2] == 0)).sum().item<int64_t>();
  }
  EXPECT_EQ(coloured, 4 * 20 * 30);
  EXPECT_TRUE(
      folder.search_error({"fox", "--contact-sheet", (folder / "no/x.png").string()}).find("no") !=
      std::string::npos);
  EXPECT_THROW(folder.search({"fox", "--contact-sheet", "x.jpg"}), UsageError);
  EXPECT_THROW(folder.search({"fox", "--columns", "2"}), UsageError);
  EXPECT_THROW(folder.search({"fox", "a", "--columns", "2", "--contact-sheet", file}), UsageError);
}

TEST(Search, ShowsLargePicturesSmallAndUnreadableOnesGrey) {
  const SearchFolder folder;
  write_png(folder / "pictures/large.png", at::rand({3, 300, 600}), {}, WriteMode::kOverwrite);
  folder.index();
  write_text(folder / "pictures/a.png", "a text");
  const auto file = (folder / "found.png").string();
  const auto printed = folder.search({"fox", "--contact-sheet", file, "--columns", "4"});
  EXPECT_TRUE(has_part(printed.err, (folder / "pictures/a.png").string() + ": expected a PNG"));
  const auto sheet = to_uint8(read_png(file));
  EXPECT_LT(sheet.size(2), 4 * 256 + 5 * 24);
  EXPECT_GE(((sheet == 128).all(0)).sum().item<int64_t>(), 64 * 64);
}

TEST(Search, FindsAPictureByItself) {
  const SearchFolder folder;
  folder.index();
  const auto b = (folder / "pictures/sub/b.png").string();
  const auto printed = folder.search({b, "-n", "1"});
  EXPECT_EQ(printed.out, "   1.0000  " + b + "\n");
  EXPECT_EQ(printed.err, "");
}

TEST(Search, TakesTextsPicturesAndEmbeddings) {
  const SearchFolder folder;
  folder.index();
  const auto b = (folder / "pictures/sub/b.png").string();
  const auto file = (folder / "t.safetensors").string();
  folder.run("encode", {"--text", "fox", "red", "-o", file});
  std::istringstream lines(folder.search({"fox", b, file, "--json", "-n", "2"}).out);
  std::vector<nlohmann::json> json;
  for (std::string line; std::getline(lines, line);) json.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(json.size(), 4u);
  EXPECT_EQ(json[0]["kind"], "text");
  EXPECT_EQ(json[1]["kind"], "picture");
  EXPECT_EQ(json[1]["pictures"][0]["picture"], b);
  EXPECT_EQ(json[2]["kind"], "embedding");
  EXPECT_EQ(json[3]["query"], file + " 1");
  EXPECT_EQ(json[0]["pictures"].size(), 2u);
  EXPECT_EQ(json[0]["pictures"][0]["picture"], json[2]["pictures"][0]["picture"]);
  EXPECT_NEAR(json[0]["pictures"][0]["cosine"].get<double>(),
              json[2]["pictures"][0]["cosine"].get<double>(), 1e-6);
  const auto piped = folder.search({"-", "--csv"}, read_text(file)).out;
  EXPECT_EQ(piped.find("query,picture,cosine,copies,prompt,seed,model\nstandard input 0,"), 0u)
      << piped;
}

TEST(Search, PutsEachOfSeveralQueriesAboveItsPictures) {
  const SearchFolder folder;
  folder.index();
  const auto out = folder.search({"fox", "a fox", "-n", "1"}).out;
  EXPECT_EQ(out.find("fox\n  "), 0u) << out;
  EXPECT_TRUE(has_part(out, ".png\na fox\n  ")) << out;
}

TEST(Search, TellsOfChangesAndLeavesOutWhatIsGone) {
  const SearchFolder folder;
  folder.index();
  fs::remove(folder / "pictures/a.png");
  folder.picture("d.png", 1);
  const auto printed = folder.search({"fox"});
  EXPECT_TRUE(has_part(printed.err, "has changed since it was indexed (1 new, 0 changed, 1 gone"));
  EXPECT_EQ(printed.err.find('\n'), printed.err.size() - 1);
  EXPECT_FALSE(has_part(printed.out, "a.png"));
  EXPECT_EQ(std::count(printed.out.begin(), printed.out.end(), '\n'), 2);
  EXPECT_EQ(folder.search({"fox", "-q"}).err, "");
}

/// Neither verb sends the user to the other if that would not help.
TEST(Search, SaysWhatToDoIfAllImagesAreGone) {
  const SearchFolder folder;
  folder.index();
  for (const auto* name : {"a.png", "c.png", "sub/b.png"}) fs::remove(folder / "pictures" / name);
  const auto gone = folder.search_error({"fox"});
  EXPECT_TRUE(has_part(gone, "none of the 3 images of its index is there any more")) << gone;
  EXPECT_TRUE(has_part(gone, "put them back, or remove " + folder.file().string())) << gone;
  EXPECT_FALSE(has_part(gone, "unclip index")) << gone;
  write_text(folder / "pictures/x.jxl", "x");
  const auto error = error_of([&] { folder.index(); });
  EXPECT_TRUE(has_part(error, "found none, only 1 file of image formats that")) << error;
  EXPECT_TRUE(has_part(error, "put the images back, else remove " + folder.file().string()))
      << error;
  EXPECT_FALSE(has_part(error, "unclip search")) << error;
  folder.picture("d.png", 1);
  EXPECT_TRUE(has_part(folder.search_error({"fox"}), "run: unclip index " + folder.pictures()));
  EXPECT_TRUE(has_part(folder.index().err, "1 added, 0 changed, 3 removed"));
  EXPECT_EQ(folder.search_error({"fox"}), "");
}

TEST(Search, TellsWhatItLacks) {
  const SearchFolder folder;
  EXPECT_EQ(
      folder.search_error({"fox"}),
      folder.file().string() + ": there is no such index; run: unclip index " + folder.pictures());
  folder.index();
  const auto none = (folder / "none.JPG").string();
  EXPECT_EQ(folder.search_error({none}), none + ": there is no such file");
  write_text(folder / "text.png", "a text");
  EXPECT_TRUE(
      has_part(folder.search_error({(folder / "text.png").string()}), "text.png: expected a PNG"));
  write_text(folder / "narrow.npy", "x");
  EXPECT_TRUE(has_part(folder.search_error({(folder / "narrow.npy").string()}), "narrow.npy"));
  EXPECT_THROW(folder.search({}), UsageError);
  EXPECT_THROW(folder.search({"fox", "--csv", "--json"}), UsageError);
  EXPECT_THROW(folder.search({"fox", "-n", "0"}), UsageError);
}

TEST(Search, RefusesEmbeddingsOfAnotherSpace) {
  const SearchFolder folder;
  folder.index();
  const auto file = (folder / "x.safetensors").string();
  Embeddings other{.model_name = "karlo", .model_hash = std::string(64, 'f')};
  other.image_embedding = at::ones({1, 32});
  other.origins.resize(1);
  write_embeddings(file, other, WriteMode::kOverwrite);
  EXPECT_TRUE(has_part(folder.search_error({file}), ", got those of karlo ffffffffff"));
  EXPECT_EQ(folder.search_error({file, "--force"}), "");
  other.image_embedding = at::ones({1, 31});
  write_embeddings(file, other, WriteMode::kOverwrite);
  EXPECT_TRUE(folder.search_error({file, "--force"})
                  .starts_with(file + ": expected embeddings of 32 numbers, as in "));
}

/// Two images with prompts, as unclip and as others write them, one of them with a copy, and one
/// without any.
struct PaintedFolder : SearchFolder {
  PaintedFolder() {
    paint("a.png", 0.2,
          {{"parameters", "a red\nball\nSteps: 2, Sampler: ddim, Seed: 7, Model: m1"}});
    paint("copy.png", 0.2,
          {{"unclip", R"({"prompt": "a copy", "seed": 8, "model": {"name": "m2"}})"}});
    paint("sub/b.png", 0.9,
          {{"unclip", R"({"prompt": "a \u001b[31mcone", "seed": 9, "model": {"name": "m2"}})"}});
    index();
  }
  void paint(const std::string& file, double red, const std::vector<PngText>& texts) const {
    auto image = at::zeros({3, 20, 30});
    image[0].fill_(red);
    write_png(*this / "pictures" / file, image, texts, WriteMode::kOverwrite);
  }
  std::string path(const std::string& file) const { return pictures() + "/" + file; }
};

TEST(Search, FoldsCopiesIntoOneAnswer) {
  const PaintedFolder folder;
  const auto a = folder.path("a.png");
  const auto text = folder.search({a, "-n", "2"}).out;
  EXPECT_EQ(text.find("   1.0000  " + a + "  (1 copy: " + folder.path("copy.png") + ")\n"), 0u)
      << text;
  EXPECT_TRUE(has_part(text, "  " + folder.path("c.png") + "\n") ||
              has_part(text, "  " + folder.path("sub/b.png") + "\n"))
      << text;
  const auto json = nlohmann::json::parse(folder.search({a, "--json", "-n", "1"}).out);
  EXPECT_EQ(json["pictures"][0]["copies"], Words{folder.path("copy.png")});
  const auto all = folder.search({a, "--copies", "-n", "1", "--print", "path"}).out;
  EXPECT_EQ(all, a + "\n" + folder.path("copy.png") + "\n");
  EXPECT_TRUE(has_part(folder.search({a, "--csv", "-n", "1"}).out, ",1,\"a red\nball\",7,m1\n"));
}

TEST(Search, ShowsHowImagesWereMade) {
  const PaintedFolder folder;
  const auto b = folder.path("sub/b.png");
  const auto text = folder.search({b, "-n", "1"}).out;
  EXPECT_TRUE(has_part(text, b + "\n           \"a  [31mcone\", seed 9, m2\n")) << text;
  const auto json = nlohmann::json::parse(folder.search({b, "-n", "1", "--json"}).out);
  EXPECT_EQ(json["pictures"][0]["prompt"], "a \x1b[31mcone");
  EXPECT_EQ(json["pictures"][0]["seed"], 9);
  EXPECT_EQ(json["pictures"][0]["model"], "m2");
}

TEST(Search, PrintsPromptsThatCanBePaintedAgain) {
  const PaintedFolder folder;
  const auto printed = folder.search({folder.path("a.png"), "--print", "prompt"});
  std::istringstream lines(printed.out);
  Words prompts;
  for (std::string line; std::getline(lines, line);) prompts.push_back(line);
  ASSERT_EQ(prompts.size(), 2u) << printed.out;
  EXPECT_EQ(prompts[0], "a red ball");
  EXPECT_EQ(prompts[1], "a  [31mcone");
  EXPECT_TRUE(has_part(printed.err, "1 of the 3 images found has no prompt, the first "))
      << printed.err;
  EXPECT_EQ(run_with({"-m", folder / "model", "--prompts", "-", "-q", "--json", "-s", "1", "-o",
                      (folder / "again-{i}.png").string()},
                     printed.out)
                .err,
            "");
  EXPECT_TRUE(fs::exists(folder / "again-1.png"));
  EXPECT_EQ(folder.search({folder.path("a.png"), "--print", "seed", "-q"}).out, "7\n9\n");
  EXPECT_TRUE(has_part(folder.search_error({folder.path("c.png"), "-n", "1", "--print", "prompt"}),
                       "none of the 1 images found has a prompt"));
  EXPECT_THROW(folder.search({"fox", "--print", "steps"}), UsageError);
  EXPECT_THROW(folder.search({"fox", "--print", "prompt", "--json"}), UsageError);
}

TEST(Search, FiltersBeforeItSearches) {
  const PaintedFolder folder;
  const auto found = [&](const Words& where) {
    Words words = {folder.path("a.png"), "-n", "1", "--print", "path", "--where"};
    words.insert(words.end(), where.begin(), where.end());
    return folder.search(words).out;
  };
  EXPECT_EQ(found({"model=m1"}), folder.path("a.png") + "\n");
  EXPECT_EQ(found({"model=m2"}), folder.path("copy.png") + "\n");
  EXPECT_EQ(found({"model=m2", "prompt=*cone*"}), folder.path("sub/b.png") + "\n");
  EXPECT_EQ(found({"prompt="}), folder.path("c.png") + "\n");
  EXPECT_TRUE(has_part(folder.search_error({"fox", "--where", "seed=1"}), "none of the 4 images"));
  EXPECT_THROW(folder.search({"fox", "--where", "steps=1"}), UsageError);
}

TEST(Search, AsksForAnUpdateOfAnIndexWithoutMetadata) {
  const PaintedFolder folder;
  auto index = read_index(folder.file());
  index.provenance.clear();
  write_index(folder.file(), index);
  EXPECT_EQ(folder.search_error({"fox"}), "");
  for (const Words& words :
       {Words{"fox", "--where", "model=m1"}, Words{"fox", "--print", "prompt"}}) {
    EXPECT_TRUE(has_part(folder.search_error(words), "run: unclip index " + folder.pictures()));
  }
  folder.index();
  EXPECT_EQ(folder.search({"fox", "--print", "seed", "-q"}).out.size(), 4u);
}

}  // namespace
}  // namespace unclip::cli
