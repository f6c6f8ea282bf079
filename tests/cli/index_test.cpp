// The verb index.

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
using testing::SearchFolder;
using testing::Words;
using testing::write_text;

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
  EXPECT_TRUE(testing::mentions(error_of([&] {
                                  folder.index({"--remove", "a.png", "c.png", "sub/b.png"});
                                }),
                                {folder.file().string()}));
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

}  // namespace
}  // namespace unclip::cli
