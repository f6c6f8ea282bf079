// The verbs index and search.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "image/png.h"
#include "search/picture_index.h"
#include "tests/cli/run.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::ModelFolder;
using testing::Printed;
using testing::read_text;
using testing::run_with;
using testing::Words;
using testing::write_text;

struct SearchFolder : ModelFolder {
  SearchFolder() {
    picture("a.png", 0.2);
    picture("sub/b.png", 0.9);
    picture("c.png", 0.5);
  }
  /// A picture of one colour in pictures/.
  std::string picture(const std::string& file, double red) const {
    auto image = at::zeros({3, 20, 30});
    image[0].fill_(red);
    const auto path = *this / "pictures" / file;
    fs::create_directories(path.parent_path());
    return write_png(path, image, {}, WriteMode::kOverwrite).string();
  }
  Printed run(const std::string& verb, const Words& more, const std::string& input = "") const {
    Words words = {verb, "-m", *this / "model"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words, input);
  }
  Printed index(const Words& more = {}, const std::string& input = "") const {
    Words words = {pictures()};
    words.insert(words.end(), more.begin(), more.end());
    return run("index", words, input);
  }
  Printed search(const Words& more, const std::string& input = "") const {
    Words words = {pictures()};
    words.insert(words.end(), more.begin(), more.end());
    return run("search", words, input);
  }
  std::string search_error(const Words& more) const {
    return error_of([&] { search(more); });
  }
  std::string pictures() const { return (*this / "pictures").string(); }
  fs::path file() const { return index_of(*this / "pictures"); }
};

bool has_part(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

TEST(Index, TellsWhatItDidAndWhereTheIndexIs) {
  const SearchFolder folder;
  const auto printed = folder.index();
  EXPECT_EQ(printed.out, folder.file().string() + "\n");
  EXPECT_TRUE(has_part(printed.err, "3 added, 0 changed, 0 removed, 0 unchanged, 0 left out\n"));
  folder.picture("d.png", 1);
  const auto json = nlohmann::json::parse(folder.index({"--json"}).out);
  EXPECT_EQ(json["path"], folder.file().string());
  EXPECT_EQ(json["rows"], 4);
  EXPECT_EQ(json["added"], 1);
  EXPECT_EQ(json["unchanged"], 3);
  EXPECT_EQ(json["graph"], false);
  EXPECT_EQ(folder.index({"-q"}).err, "");
}

TEST(Index, NamesWhatItCannotReadAndGoesOn) {
  const SearchFolder folder;
  write_text(folder / "pictures/bad.png", "a text");
  const auto printed = folder.index({"-q"});
  EXPECT_EQ(printed.out, folder.file().string() + "\n");
  EXPECT_EQ(printed.err.find("unclip: left out: " + (folder / "pictures/bad.png").string()), 0u);
  EXPECT_EQ(printed.err.find('\n'), printed.err.size() - 1);
}

TEST(Index, SaysWhichImagesItPassedOver) {
  const SearchFolder folder;
  for (const auto* name : {"x.jxl", "e.jp2"}) write_text(folder / "pictures" / name, "x");
  const auto printed = folder.index();
  EXPECT_TRUE(has_part(printed.err, "passed over: 2 files")) << printed.err;
  EXPECT_TRUE(has_part(printed.err, "the first e.jp2\n")) << printed.err;
  EXPECT_EQ(nlohmann::json::parse(folder.index({"--json"}).out)["passed_over"], 2);
  EXPECT_EQ(folder.index({"-q"}).err, "");
}

TEST(Index, RemovesRowsByName) {
  const SearchFolder folder;
  folder.index();
  const auto before = read_text(folder.file());
  const auto unknown = error_of([&] { folder.index({"--remove", "c.png", "x.png"}); });
  EXPECT_TRUE(has_part(unknown, folder.file().string() + ": 'x.png'")) << unknown;
  EXPECT_TRUE(has_part(unknown, "nothing was removed")) << unknown;
  EXPECT_NE(error_of([&] { folder.index({"--remove", "a.png", "c.png", "sub/b.png"}); }), "");
  EXPECT_EQ(read_text(folder.file()), before);

  const auto c = folder.pictures() + "/./c.png";
  EXPECT_TRUE(has_part(folder.index({"--remove", "-"}, c + "\n").err, "1 removed, 2 left\n"));
  EXPECT_FALSE(has_part(folder.search({"fox"}).out, "c.png"));
  EXPECT_EQ(folder.search({"fox"}).err, "");
  const auto again = folder.index().err;
  EXPECT_TRUE(has_part(again, "0 added, 0 changed, 0 removed, 2 unchanged, 0 left out, 1 removed"));
  const auto json = nlohmann::json::parse(folder.index({"--json", "--remove", "sub/b.png"}).out);
  EXPECT_EQ(json["removed"], 1);
  EXPECT_EQ(json["rows"], 1);
  EXPECT_TRUE(has_part(folder.index({"--anew"}).err, "3 added"));
  EXPECT_TRUE(has_part(folder.search({"fox"}).out, "c.png"));
  EXPECT_THROW(folder.index({"--remove", "a.png", "--anew"}), UsageError);
  EXPECT_THROW(folder.index({"--remove"}), UsageError);
}

TEST(Index, BuildsItsGraphAsTheFlagsSay) {
  const SearchFolder folder;
  const auto json = [&](const Words& more) {
    Words words = {"--json"};
    words.insert(words.end(), more.begin(), more.end());
    return nlohmann::json::parse(folder.index(words).out);
  };
  EXPECT_EQ(json({})["graph"], false);
  EXPECT_EQ(json({})["m"], 16);
  const auto built = json({"--hnsw-m", "5", "--ef-construction", "40", "--graph-from", "3"});
  EXPECT_EQ(built["graph"], true);
  EXPECT_EQ(built["ef_construction"], 40);
  EXPECT_EQ(read_index(folder.file()).graph.m(), 5);
  EXPECT_EQ(json({})["m"], 5);  // the index keeps what it was built with
  EXPECT_TRUE(has_part(folder.search({"fox", "--ef-search", "2"}).out, "c.png"));
  for (const Words& words : {Words{"--hnsw-m", "1"}, Words{"--hnsw-m", "129"},
                             Words{"--ef-construction", "0"}, Words{"--graph-from", "0"}}) {
    EXPECT_THROW(folder.index(words), UsageError) << words[0];
  }
  EXPECT_THROW(folder.search({"fox", "--ef-search", "0"}), UsageError);
}

TEST(Index, WritesElsewhereWhereItIsTold) {
  const SearchFolder folder;
  const auto file = (folder / "x.safetensors").string();
  EXPECT_EQ(folder.index({"-o", file}).out, file + "\n");
  EXPECT_FALSE(fs::exists(folder.file()));
  EXPECT_TRUE(
      has_part(folder.index({"-o", file}).err, "0 added, 0 changed, 0 removed, 3 unchanged"));
  EXPECT_TRUE(has_part(folder.search({"fox", "--index", file}).out, "c.png"));
}

TEST(Index, TellsWhatStandsInItsWay) {
  const SearchFolder folder;
  const auto error = [&](const Words& words) {
    return error_of([&] { folder.run("index", words); });
  };
  const auto empty = (folder / "empty").string();
  fs::create_directory(empty);
  EXPECT_EQ(error({empty}), empty + ": expected image files, found none");
  EXPECT_TRUE(has_part(error({(folder / "none").string()}), "none: expected a folder"));
  EXPECT_TRUE(has_part(error({folder.pictures(), "-o", (folder / "none/x.safetensors").string()}),
                       "none/x.safetensors: cannot be written: there is no folder"));
  EXPECT_THROW(folder.run("index", {}), UsageError);
  EXPECT_THROW(folder.run("index", {"a", "b"}), UsageError);
  EXPECT_THROW(folder.index({"-o", "x.png"}), UsageError);
  fs::create_directory(folder.file());
  EXPECT_TRUE(
      has_part(error({folder.pictures()}), "cannot be written: expected a file, found a folder"));
}

TEST(Index, RefusesACorruptIndexAndMakesItAnewWhereItIsTold) {
  const SearchFolder folder;
  folder.index();
  write_text(folder.file(), read_text(folder.file()).substr(0, 500));
  const auto error = error_of([&] { folder.index(); });
  EXPECT_TRUE(error.starts_with(folder.file().string())) << error;
  EXPECT_TRUE(folder.search_error({"fox"}).starts_with(folder.file().string()));
  EXPECT_TRUE(has_part(folder.index({"--anew"}).err, "3 added"));
}

TEST(Index, RefusesAnotherModelsIndex) {
  const SearchFolder folder;
  folder.index();
  auto index = read_index(folder.file());
  index.embeddings.model_name = "karlo";
  index.embeddings.model_hash = index.embeddings.text_encoder_hash =
      index.embeddings.image_encoder_hash = std::string(64, 'f');
  write_index(folder.file(), index);
  EXPECT_TRUE(error_of([&] {
                folder.index();
              }).find("got one of another model, karlo ffffffffff") != std::string::npos);
  EXPECT_TRUE(testing::mentions(folder.search_error({"fox"}),
                                {folder.file().string(), "expected", "tiny", "karlo ffffffffff"}));
  EXPECT_EQ(folder.search_error({"fox", "--force"}), "");
  EXPECT_TRUE(has_part(folder.index({"--anew"}).err, "3 added"));
  EXPECT_EQ(folder.search_error({"fox"}), "");
}

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
  EXPECT_TRUE(has_part(error, "found none, only 1 file of image formats other")) << error;
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
