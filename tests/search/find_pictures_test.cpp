#include "search/find_pictures.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/weights/files.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

using testing::error_of;
using testing::TemporaryFolder;
using testing::write_text;

std::vector<std::string> paths_in(const fs::path& folder) {
  std::vector<std::string> paths;
  for (const auto& picture : find_pictures(folder).pictures) paths.push_back(picture.path);
  return paths;
}

using Paths = std::vector<std::string>;

TEST(FindPictures, TakesThemByNameAndByFirstBytes) {
  const TemporaryFolder folder;
  for (const auto* name : {"b.png", "a.JPG", "c.jpeg", "d.jfif", "e.Jpe", "f.WebP", "g.tiff",
                           "h.avif", "notes.txt", "png", ".hidden.png"}) {
    write_text(folder / name, "x");
  }
  write_text(folder / "0badc0de", "\x89PNG\r\n\x1a\n...");
  write_text(folder / "other.dat", "\x89PNG\r\n\x1a\n...");
  mkfifo((folder / "pipe.png").c_str(), 0666);
  EXPECT_EQ(paths_in(folder.path()), (Paths{"0badc0de", "a.JPG", "b.png", "c.jpeg", "d.jfif",
                                            "e.Jpe", "f.WebP", "g.tiff", "h.avif"}));
}

TEST(FindPictures, ListsWhatItPassesOverByName) {
  const TemporaryFolder folder;
  for (const auto* name : {"a.png", "sub/b.jxl", "c.ICO", "notes.txt", ".d.jxl", "e.jp2"}) {
    write_text(folder / name, "x");
  }
  const auto listing = find_pictures(folder.path());
  EXPECT_EQ(listing.passed_over, (Paths{"c.ICO", "e.jp2", "sub/b.jxl"}));
  EXPECT_EQ(listing.pictures.size(), 1u);
}

TEST(FindPictures, GoesIntoFoldersThatAreNotHidden) {
  const TemporaryFolder folder;
  write_text(folder / "z/deep/x.png", "x");
  write_text(folder / ".thumbnails/x.png", "x");
  write_text(folder / "a.png", "x");
  EXPECT_EQ(paths_in(folder.path()), (Paths{"a.png", "z/deep/x.png"}));
}

TEST(FindPictures, FollowsLinksAndListsNoFolderTwice) {
  const TemporaryFolder folder, elsewhere;
  write_text(elsewhere / "far.png", "x");
  write_text(folder / "real/x.png", "x");
  fs::create_directory_symlink("..", folder / "real/loop");
  fs::create_directory_symlink("real", folder / "again");
  fs::create_directory_symlink(elsewhere.path(), folder / "linked");
  fs::create_symlink("real/x.png", folder / "y.png");
  fs::create_symlink("nothing.png", folder / "dangling.png");
  EXPECT_EQ(paths_in(folder.path()), (Paths{"linked/far.png", "real/x.png", "y.png"}));
}

TEST(FindPictures, TellsSizeAndTime) {
  const TemporaryFolder folder;
  write_text(folder / "a.png", "four");
  const timespec times[2] = {{.tv_sec = 5, .tv_nsec = 7}, {.tv_sec = 5, .tv_nsec = 7}};
  utimensat(AT_FDCWD, (folder / "a.png").c_str(), times, 0);
  EXPECT_EQ(find_pictures(folder.path()).pictures.at(0),
            (FoundPicture{.path = "a.png", .size = 4, .mtime = 5'000'000'007}));
}

TEST(FindPictures, LeavesOutNamesThatNoIndexCanHold) {
  const TemporaryFolder folder;
  write_text(folder / "\xff.png", "x");
  write_text(folder / "a.png", "x");
  const auto listing = find_pictures(folder.path());
  EXPECT_EQ(listing.pictures.size(), 1u);
  ASSERT_EQ(listing.left_out.size(), 1u);
  EXPECT_TRUE(listing.left_out[0].ends_with(".png: its name is not valid UTF-8"));
}

TEST(FindPictures, WantsAFolder) {
  const TemporaryFolder folder;
  write_text(folder / "a.png", "x");
  EXPECT_EQ(error_of([&] { find_pictures(folder / "a.png"); }),
            (folder / "a.png").string() + ": expected a folder");
  EXPECT_TRUE(
      error_of([&] { find_pictures(folder / "none"); }).starts_with((folder / "none").string()));
}

}  // namespace
}  // namespace unclip
