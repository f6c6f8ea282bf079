// The verbs index and search.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "image/png.h"
#include "search/picture_index.h"
#include "tests/cli/run.h"

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

struct Folder : ModelFolder {
  Folder() {
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
  Printed index(const Words& more = {}) const {
    Words words = {pictures()};
    words.insert(words.end(), more.begin(), more.end());
    return run("index", words);
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

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

TEST(Index, TellsWhatItDidAndWhereTheIndexIs) {
  const Folder folder;
  const auto printed = folder.index();
  EXPECT_EQ(printed.out, folder.file().string() + "\n");
  EXPECT_TRUE(has(printed.err, "3 added, 0 changed, 0 removed, 0 unchanged, 0 left out\n"));
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
  const Folder folder;
  write_text(folder / "pictures/bad.png", "a text");
  const auto printed = folder.index({"-q"});
  EXPECT_EQ(printed.out, folder.file().string() + "\n");
  EXPECT_EQ(printed.err.find("unclip: left out: " + (folder / "pictures/bad.png").string()), 0u);
  EXPECT_EQ(printed.err.find('\n'), printed.err.size() - 1);
}

TEST(Index, WritesElsewhereWhereItIsTold) {
  const Folder folder;
  const auto file = (folder / "x.safetensors").string();
  EXPECT_EQ(folder.index({"-o", file}).out, file + "\n");
  EXPECT_FALSE(fs::exists(folder.file()));
  EXPECT_TRUE(has(folder.index({"-o", file}).err, "0 added, 0 changed, 0 removed, 3 unchanged"));
  EXPECT_TRUE(has(folder.search({"fox", "--index", file}).out, "c.png"));
}

TEST(Index, TellsWhatStandsInItsWay) {
  const Folder folder;
  const auto error = [&](const Words& words) {
    return error_of([&] { folder.run("index", words); });
  };
  const auto empty = (folder / "empty").string();
  fs::create_directory(empty);
  EXPECT_EQ(error({empty}), empty + ": there is no picture in it; PNG or JPEG files are wanted");
  EXPECT_TRUE(has(error({(folder / "none").string()}), "none: is no folder; a folder is wanted"));
  EXPECT_TRUE(has(error({folder.pictures(), "-o", (folder / "none/x.safetensors").string()}),
                  "none/x.safetensors: cannot be written: there is no folder"));
  EXPECT_THROW(folder.run("index", {}), UsageError);
  EXPECT_THROW(folder.run("index", {"a", "b"}), UsageError);
  EXPECT_THROW(folder.index({"-o", "x.png"}), UsageError);
  fs::create_directory(folder.file());
  EXPECT_TRUE(has(error({folder.pictures()}), "cannot be written: it is there and is no file"));
}

TEST(Index, RefusesACorruptIndexAndMakesItAnewWhereItIsTold) {
  const Folder folder;
  folder.index();
  write_text(folder.file(), read_text(folder.file()).substr(0, 500));
  const auto error = error_of([&] { folder.index(); });
  EXPECT_TRUE(error.starts_with(folder.file().string())) << error;
  EXPECT_TRUE(folder.search_error({"fox"}).starts_with(folder.file().string()));
  EXPECT_TRUE(has(folder.index({"--anew"}).err, "3 added"));
}

TEST(Index, RefusesAnotherModelsIndex) {
  const Folder folder;
  folder.index();
  auto index = read_index(folder.file());
  index.embeddings.model_name = "karlo";
  index.embeddings.model_hash = index.embeddings.text_encoder_hash =
      index.embeddings.image_encoder_hash = std::string(64, 'f');
  write_index(folder.file(), index);
  EXPECT_TRUE(error_of([&] {
                folder.index();
              }).starts_with(folder.file().string() + ": is of another model, karlo ffffffffff"));
  EXPECT_TRUE(folder.search_error({"fox"}).starts_with(
      folder.file().string() + ": comes from another model, karlo ffffffffff; tiny "));
  EXPECT_EQ(folder.search_error({"fox", "--force"}), "");
  EXPECT_TRUE(has(folder.index({"--anew"}).err, "3 added"));
  EXPECT_EQ(folder.search_error({"fox"}), "");
}

TEST(Search, ShowsWhatItFindsOnASheet) {
  const Folder folder;
  folder.index();
  const auto file = (folder / "found.png").string();
  const auto printed = folder.search({"fox", "a fox", "-n", "2", "--contact-sheet", file});
  EXPECT_TRUE(has(printed.err, file + "\n"));
  EXPECT_FALSE(has(printed.out, file));
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
  const Folder folder;
  write_png(folder / "pictures/large.png", at::rand({3, 300, 600}), {}, WriteMode::kOverwrite);
  folder.index();
  write_text(folder / "pictures/a.png", "a text");
  const auto file = (folder / "found.png").string();
  const auto printed = folder.search({"fox", "--contact-sheet", file, "--columns", "4"});
  EXPECT_TRUE(has(printed.err, (folder / "pictures/a.png").string() + ": begins with"));
  const auto sheet = to_uint8(read_png(file));
  EXPECT_LT(sheet.size(2), 4 * 256 + 5 * 24);
  EXPECT_GE(((sheet == 128).all(0)).sum().item<int64_t>(), 64 * 64);
}

TEST(Search, FindsAPictureByItself) {
  const Folder folder;
  folder.index();
  const auto b = (folder / "pictures/sub/b.png").string();
  const auto printed = folder.search({b, "-n", "1"});
  EXPECT_EQ(printed.out, "   1.0000  " + b + "\n");
  EXPECT_EQ(printed.err, "");
}

TEST(Search, TakesTextsPicturesAndEmbeddings) {
  const Folder folder;
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
  EXPECT_EQ(piped.find("query,picture,cosine\nstandard input 0,"), 0u) << piped;
}

TEST(Search, PutsEachOfSeveralQueriesAboveItsPictures) {
  const Folder folder;
  folder.index();
  const auto out = folder.search({"fox", "a fox", "-n", "1"}).out;
  EXPECT_EQ(out.find("fox\n  "), 0u) << out;
  EXPECT_TRUE(has(out, ".png\na fox\n  ")) << out;
}

TEST(Search, TellsOfChangesAndLeavesOutWhatIsGone) {
  const Folder folder;
  folder.index();
  fs::remove(folder / "pictures/a.png");
  folder.picture("d.png", 1);
  const auto printed = folder.search({"fox"});
  EXPECT_TRUE(has(printed.err, "has changed since it was indexed (1 new, 0 changed, 1 gone"));
  EXPECT_EQ(printed.err.find('\n'), printed.err.size() - 1);
  EXPECT_FALSE(has(printed.out, "a.png"));
  EXPECT_EQ(std::count(printed.out.begin(), printed.out.end(), '\n'), 2);
  EXPECT_EQ(folder.search({"fox", "-q"}).err, "");
  for (const auto* name : {"c.png", "sub/b.png"}) fs::remove(folder / "pictures" / name);
  EXPECT_TRUE(has(folder.search_error({"fox"}),
                  ": of the 3 pictures of its index none is there any more; run: unclip index "));
}

TEST(Search, TellsWhatItLacks) {
  const Folder folder;
  EXPECT_EQ(
      folder.search_error({"fox"}),
      folder.file().string() + ": there is no such index; run: unclip index " + folder.pictures());
  folder.index();
  const auto none = (folder / "none.JPG").string();
  EXPECT_EQ(folder.search_error({none}), none + ": there is no such file");
  write_text(folder / "text.png", "a text");
  EXPECT_TRUE(has(folder.search_error({(folder / "text.png").string()}), "text.png: begins with"));
  write_text(folder / "narrow.npy", "x");
  EXPECT_TRUE(has(folder.search_error({(folder / "narrow.npy").string()}), "narrow.npy"));
  EXPECT_THROW(folder.search({}), UsageError);
  EXPECT_THROW(folder.search({"fox", "--csv", "--json"}), UsageError);
  EXPECT_THROW(folder.search({"fox", "-n", "0"}), UsageError);
}

TEST(Search, RefusesEmbeddingsOfAnotherSpace) {
  const Folder folder;
  folder.index();
  const auto file = (folder / "x.safetensors").string();
  Embeddings other{.model_name = "karlo", .model_hash = std::string(64, 'f')};
  other.image_embedding = at::ones({1, 32});
  other.origins.resize(1);
  write_embeddings(file, other, WriteMode::kOverwrite);
  EXPECT_TRUE(folder.search_error({file}).starts_with(file + ": comes from another model, karlo"));
  EXPECT_EQ(folder.search_error({file, "--force"}), "");
  other.image_embedding = at::ones({1, 31});
  write_embeddings(file, other, WriteMode::kOverwrite);
  EXPECT_TRUE(folder.search_error({file, "--force"})
                  .starts_with(file + ": its embeddings have 31 numbers, those of "));
}

}  // namespace
}  // namespace unclip::cli
