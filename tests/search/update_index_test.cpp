#include "search/update_index.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "image/png.h"
#include "pipeline/progress.h"
#include "search/nearest.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::TemporaryFolder;
using testing::write_text;

/// A folder of pictures of one colour, and an encoder that counts what it is given.
struct Folder : TemporaryFolder {
  void picture(const std::string& name, double red) const {
    auto image = at::zeros({3, 4, 5});
    image[0].fill_(red);
    fs::create_directories((*this / name).parent_path());
    write_png(*this / name, image, {}, WriteMode::kOverwrite);
  }

  UpdateCounts update() {
    index = fs::exists(file) ? read_index(file) : PictureIndex();
    encoded = 0;
    const auto encode = [&](const std::vector<at::Tensor>& pictures) {
      std::vector<at::Tensor> rows;
      for (const auto& picture : pictures) {
        const auto colour = picture.to(at::kFloat).mean({1, 2}) + 1;
        rows.push_back(at::cat({colour, colour.square() / 256}));
        ++encoded;
      }
      return at::stack(rows);
    };
    return update_index(index, file, path(), find_pictures(path()).pictures, encode, options);
  }

  /// Of a row, 1 + red.
  double red(const std::string& name) const {
    for (int64_t row = 0; row < index.rows(); ++row) {
      if (index.pictures[static_cast<size_t>(row)].path == name) {
        return index.embeddings.image_embedding[row][0].item<double>();
      }
    }
    return -1;
  }

  fs::path file = index_of(path());
  PictureIndex index;
  UpdateOptions options;
  int64_t encoded = 0;
};

TEST(UpdateIndex, FollowsWhatIsAddedChangedAndRemoved) {
  Folder folder;
  folder.picture("a.png", 0.2);
  folder.picture("sub/b.png", 0.4);
  folder.picture("c.png", 0.6);
  auto counts = folder.update();
  EXPECT_EQ(counts.added, 3);
  EXPECT_EQ(folder.encoded, 3);

  folder.picture("d.png", 1);
  folder.picture("c.png", 0.8);
  fs::remove(folder / "a.png");
  counts = folder.update();
  EXPECT_EQ(folder.encoded, 2);
  EXPECT_EQ(counts.added, 1);
  EXPECT_EQ(counts.changed, 1);
  EXPECT_EQ(counts.removed, 1);
  EXPECT_EQ(counts.unchanged, 1);
  EXPECT_EQ(folder.index.rows(), 3);
  EXPECT_EQ(folder.red("a.png"), -1);
  EXPECT_EQ(folder.red("sub/b.png"), 1 + 102);
  EXPECT_EQ(folder.red("c.png"), 1 + 204);
  EXPECT_EQ(folder.red("d.png"), 1 + 255);
  EXPECT_EQ(read_index(folder.file).pictures, folder.index.pictures);
}

TEST(UpdateIndex, WritesNothingWhereNothingChanged) {
  Folder folder;
  folder.picture("a.png", 0.2);
  folder.update();
  const auto before = fs::last_write_time(folder.file);
  EXPECT_EQ(folder.update().unchanged, 1);
  EXPECT_EQ(folder.encoded, 0);
  EXPECT_EQ(fs::last_write_time(folder.file), before);
}

TEST(UpdateIndex, LeavesOutWhatCannotBeReadAndTriesItAgain) {
  Folder folder;
  folder.picture("a.png", 0.2);
  write_text(folder / "bad.png", "a text");
  std::vector<std::string> told;
  folder.options.on_skipped = [&](const std::string& why) { told.push_back(why); };
  const auto counts = folder.update();
  EXPECT_EQ(counts.added, 1);
  EXPECT_EQ(counts.skipped, 1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].starts_with((folder / "bad.png").string()));

  const auto listing = find_pictures(folder.path());
  EXPECT_FALSE(changes_since(folder.index, listing.pictures).any());
  EXPECT_EQ(changes_since(folder.index, listing.pictures).unreadable.size(), 1u);
  EXPECT_EQ(folder.update().skipped, 1);
  folder.picture("bad.png", 1);
  EXPECT_EQ(folder.update().added, 1);
  EXPECT_TRUE(folder.index.unreadable.empty());
}

TEST(UpdateIndex, TellsWhereNoPictureCanBeRead) {
  Folder folder;
  write_text(folder / "bad.png", "a text");
  EXPECT_EQ(error_of([&] { folder.update(); }),
            folder.path().string() + ": none of its 1 images can be read");
  EXPECT_FALSE(fs::exists(folder.file));
}

TEST(UpdateIndex, GoesOnWhereItWasStopped) {
  Folder folder;
  for (int i = 0; i < 5; ++i) folder.picture(std::to_string(i) + ".png", 0.2 * i);
  folder.options.batch_size = 2;
  folder.options.on_progress = [](const char*, int64_t done, int64_t total) {
    EXPECT_EQ(total, 5);
    return done < 4;
  };
  EXPECT_THROW(folder.update(), Cancelled);
  EXPECT_EQ(read_index(folder.file).rows(), 4);
  folder.options.on_progress = nullptr;
  EXPECT_EQ(folder.update().unchanged, 4);
  EXPECT_EQ(folder.encoded, 1);
}

TEST(UpdateIndex, KeepsWhatItHasNowAndThen) {
  Folder folder;
  for (int i = 0; i < 3; ++i) folder.picture(std::to_string(i) + ".png", 0.2 * i);
  folder.options.batch_size = 1;
  folder.options.seconds_between_saves = 0;
  folder.options.on_progress = [&](const char*, int64_t done, int64_t) {
    EXPECT_EQ(fs::exists(folder.file) ? read_index(folder.file).rows() : 0, done - 1);
    return true;
  };
  folder.update();
}

TEST(UpdateIndex, LinksTheRowsOfALargeFolder) {
  Folder folder;
  for (int i = 0; i < 4; ++i) folder.picture(std::to_string(i) + ".png", 0.2 * i);
  folder.options.graph = GraphOptions{.from = 5};
  folder.update();
  EXPECT_FALSE(folder.index.graph.defined());
  folder.picture("4.png", 1);
  folder.update();
  EXPECT_EQ(read_index(folder.file).graph.links.size(0), 5);
  folder.picture("5.png", 0.5);
  fs::remove(folder / "0.png");
  folder.update();
  EXPECT_EQ(read_index(folder.file).graph.links.size(0), 5);
  fs::remove(folder / "2.png");
  folder.update();
  EXPECT_FALSE(read_index(folder.file).graph.defined());
}

TEST(UpdateIndex, KeepsTheRowsWhereTheGraphIsNotFinished) {
  Folder folder;
  for (int i = 0; i < 4; ++i) folder.picture(std::to_string(i) + ".png", 0.2 * i);
  folder.options.graph = GraphOptions{.from = 2};
  folder.options.on_progress = [](const std::string& work, int64_t, int64_t) {
    return work == "pictures";
  };
  EXPECT_THROW(folder.update(), Cancelled);
  EXPECT_EQ(read_index(folder.file).rows(), 4);
  folder.options.on_progress = nullptr;
  folder.update();
  EXPECT_EQ(folder.encoded, 0);
  EXPECT_TRUE(read_index(folder.file).graph.defined());
}

TEST(UpdateIndex, FollowsCopiesThatComeAndGo) {
  Folder folder;
  folder.options.graph = GraphOptions{.from = 3};
  for (int i = 0; i < 4; ++i) folder.picture(std::to_string(i) + ".png", 0.2 * i);
  for (const auto* name : {"copy/a.png", "copy/b.png"}) folder.picture(name, 0.4);  // of 2.png
  folder.update();
  EXPECT_EQ(folder.index.copies.distinct().size(), 4u);
  EXPECT_EQ(folder.index.graph.rows(), 4);
  const auto copies_of = [&](const std::string& name) {
    NearestOptions options{.count = 1};
    for (int64_t row = 0; row < folder.index.rows(); ++row) {
      if (folder.index.pictures[static_cast<size_t>(row)].path != name) continue;
      const auto query = folder.index.embeddings.image_embedding.narrow(0, row, 1);
      return nearest_pictures(query, read_index(folder.file), options)[0][0].copies.size();
    }
    return size_t{99};
  };
  EXPECT_EQ(copies_of("2.png"), 2u);
  EXPECT_EQ(copies_of("0.png"), 0u);
  fs::remove(folder / "2.png");
  folder.picture("5.png", 0.6);  // of 3.png
  folder.update();
  EXPECT_EQ(folder.index.graph.rows(), 4);
  EXPECT_EQ(copies_of("copy/b.png"), 1u);
  EXPECT_EQ(copies_of("5.png"), 1u);
}

TEST(UpdateIndex, BuildsTheGraphAgainForOtherOptions) {
  Folder folder;
  for (int i = 0; i < 6; ++i) folder.picture(std::to_string(i) + ".png", 0.1 * i);
  folder.options.graph = GraphOptions{.m = 4, .ef_construction = 30, .from = 2};
  folder.update();
  EXPECT_EQ(read_index(folder.file).graph.m(), 4);
  folder.options.graph.reset();  // the index keeps its own
  folder.picture("6.png", 0.9);
  folder.update();
  EXPECT_EQ(read_index(folder.file).graph.m(), 4);
  EXPECT_EQ(read_index(folder.file).graph.rows(), 7);
  folder.options.graph = GraphOptions{.m = 6, .ef_construction = 30, .from = 2};
  folder.update();
  EXPECT_EQ(read_index(folder.file).graph.m(), 6);
  EXPECT_EQ(read_index(folder.file).graph_options, *folder.options.graph);
}

TEST(UpdateIndex, KeepsWhatImagesSayOfThemselves) {
  Folder folder;
  folder.picture("a.png", 0.2);
  write_png(folder / "b.png", at::zeros({3, 4, 5}),
            {{"parameters", "a cone\nSteps: 2, Sampler: ddim, Seed: 7, Model: m"}},
            WriteMode::kOverwrite);
  const Provenance cone{.prompt = "a cone", .seed = 7, .model = "m"};
  folder.update();
  EXPECT_EQ(read_index(folder.file).provenance, (std::vector<Provenance>{{}, cone}));
  // An index of an earlier version gets it without encoding anything.
  auto old = read_index(folder.file);
  old.provenance.clear();
  write_index(folder.file, old);
  folder.update();
  EXPECT_EQ(folder.encoded, 0);
  EXPECT_EQ(read_index(folder.file).provenance, (std::vector<Provenance>{{}, cone}));
  fs::remove(folder / "a.png");
  folder.update();
  EXPECT_EQ(read_index(folder.file).provenance, std::vector<Provenance>{cone});
}

TEST(UpdateIndex, PassesOverWhatWasRemovedByNameUntilItChanges) {
  Folder folder;
  for (const auto* name : {"a.png", "b.png", "c.png"}) folder.picture(name, 0.2);
  folder.update();
  remove_rows(folder.index, {"a.png", "b.png"});
  write_index(folder.file, folder.index);
  const auto listing = find_pictures(folder.path());
  EXPECT_FALSE(changes_since(folder.index, listing.pictures).any());
  EXPECT_EQ(folder.update().hidden, 2);
  EXPECT_EQ(folder.encoded, 0);
  EXPECT_EQ(read_index(folder.file).rows(), 1);
  folder.picture("a.png", 0.75);
  EXPECT_EQ(folder.update().added, 1);
  EXPECT_EQ(read_index(folder.file).removed.size(), 1u);
  fs::remove(folder / "b.png");
  folder.update();
  EXPECT_TRUE(read_index(folder.file).removed.empty());
}

}  // namespace
}  // namespace unclip
