#include "image/write_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <thread>
#include <vector>

#include "core/error.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;
using testing::write_text;

using Names = std::vector<std::string>;

/// Of all files in the folder, hidden ones too, sorted.
Names names_in(const TemporaryFolder& folder) {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(WriteFile, WritesTheBytesUnderTheName) {
  TemporaryFolder folder;
  const std::string bytes("a\0b\xff", 4);
  EXPECT_EQ(write_file(folder / "fox.png", bytes, WriteMode::kNextFreeName), folder / "fox.png");
  EXPECT_EQ(read_text(folder / "fox.png"), bytes);
  EXPECT_EQ(names_in(folder), Names{"fox.png"});
}

TEST(WriteFile, TakesTheNextFreeNumber) {
  TemporaryFolder folder;
  for (const auto* bytes : {"0", "1", "2"}) {
    write_file(folder / "fox.png", bytes, WriteMode::kNextFreeName);
  }
  EXPECT_EQ(names_in(folder), (Names{"fox-1.png", "fox-2.png", "fox.png"}));
  EXPECT_EQ(read_text(folder / "fox.png"), "0");
  EXPECT_EQ(read_text(folder / "fox-2.png"), "2");
}

TEST(WriteFile, TakesAnotherNameThanALinkToNowhere) {
  TemporaryFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "fox.png");
  EXPECT_EQ(write_file(folder / "fox.png", "x", WriteMode::kNextFreeName), folder / "fox-1.png");
}

TEST(WriteFile, ReplacesOnlyWhereAskedTo) {
  TemporaryFolder folder;
  write_text(folder / "fox.png", "old");
  EXPECT_EQ(write_file(folder / "fox.png", "new", WriteMode::kOverwrite), folder / "fox.png");
  EXPECT_EQ(read_text(folder / "fox.png"), "new");
  EXPECT_EQ(names_in(folder), Names{"fox.png"});
}

TEST(WriteFile, GivesEveryWriterItsOwnName) {
  TemporaryFolder folder;
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&folder, i] {
      write_file(folder / "fox.png", std::to_string(i), WriteMode::kNextFreeName);
    });
  }
  for (auto& writer : writers) writer.join();
  std::set<std::string> found;
  for (const auto& name : names_in(folder)) found.insert(read_text(folder / name));
  EXPECT_EQ(found.size(), 8u);
  EXPECT_EQ(names_in(folder).size(), 8u);
}

TEST(WriteFile, NamesAFolderThatIsNotThere) {
  TemporaryFolder folder;
  const auto path = folder / "none/fox.png";
  EXPECT_EQ(error_of([&] { write_file(path, "x", WriteMode::kOverwrite); }),
            path.string() + ": cannot be written: No such file or directory");
}

TEST(WriteFile, ReplacesNoFolderAndNoDevice) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "dir");
  mkfifo((folder / "pipe").c_str(), 0600);
  for (const auto mode : {WriteMode::kOverwrite, WriteMode::kNextFreeName}) {
    EXPECT_THROW(write_file(folder / "dir", "x", mode), Error);
    EXPECT_THROW(write_file(folder / "pipe", "x", mode), Error);
  }
  EXPECT_EQ(names_in(folder), (Names{"dir", "pipe"}));
}

TEST(WriteFile, LeavesNoHalfFileWhereThereIsNoRoom) {
  TemporaryFolder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{4096, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const auto message = error_of(
      [&] { write_file(folder / "fox.png", std::string(10000, 'x'), WriteMode::kNextFreeName); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, (folder / "fox.png").string() + ": cannot be written: File too large");
  EXPECT_EQ(names_in(folder), Names{});
}

}  // namespace
}  // namespace unclip
