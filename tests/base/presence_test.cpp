#include "base/presence.h"

#include <gtest/gtest.h>

#include "base/file_bytes.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::write_text;

namespace fs = std::filesystem;

TEST(IsThere, SeesFilesFoldersAndTheTargetsOfLinks) {
  const TemporaryFolder folder;
  write_text(folder / "file", "x");
  fs::create_symlink("file", folder / "link");
  fs::create_symlink("link", folder / "link-to-link");
  EXPECT_TRUE(is_there(folder.path()));
  for (const auto* name : {"file", "link", "link-to-link"}) EXPECT_TRUE(is_there(folder / name));
  EXPECT_FALSE(is_there(folder / "none"));
  EXPECT_FALSE(is_there(folder / "file" / "below"));
}

TEST(IsThere, NamesTheEndOfAChainOfLinks) {
  const TemporaryFolder folder;
  fs::create_symlink("blobs/gone", folder / "first");
  fs::create_symlink("first", folder / "second");
  for (const auto* name : {"first", "second"}) {
    EXPECT_TRUE(mentions(error_of([&] { is_there(folder / name); }),
                         {(folder / name).string(), (folder / "blobs/gone").string(), "missing"}));
    EXPECT_TRUE(mentions(error_of([&] { file_bytes(folder / name); }),
                         {(folder / name).string(), "missing"}));
  }
}

TEST(IsThere, EndsForALinkToItself) {
  const TemporaryFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  EXPECT_TRUE(mentions(error_of([&] { is_there(folder / "a"); }), {"leads to itself"}));
}

}  // namespace
}  // namespace unclip
