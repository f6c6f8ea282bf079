#include "image/write_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <functional>
#include <set>
#include <thread>

#include "core/error.h"
#include "tests/image/scratch_folder.h"

namespace unclip {
namespace {

using Names = std::vector<std::string>;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(WriteFile, WritesTheBytesUnderTheName) {
  ScratchFolder folder;
  const std::string bytes("a\0b\xff", 4);
  EXPECT_EQ(write_file(folder / "fox.png", bytes, WriteMode::kNextFreeName), folder / "fox.png");
  EXPECT_EQ(read_bytes(folder / "fox.png"), bytes);
  EXPECT_EQ(folder.names(), Names{"fox.png"});
}

TEST(WriteFile, TakesTheNextFreeNumber) {
  ScratchFolder folder;
  for (const auto* bytes : {"0", "1", "2"}) {
    write_file(folder / "fox.png", bytes, WriteMode::kNextFreeName);
  }
  EXPECT_EQ(folder.names(), (Names{"fox-1.png", "fox-2.png", "fox.png"}));
  EXPECT_EQ(read_bytes(folder / "fox.png"), "0");
  EXPECT_EQ(read_bytes(folder / "fox-2.png"), "2");
}

TEST(WriteFile, TakesAnotherNameThanALinkToNowhere) {
  ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "fox.png");
  EXPECT_EQ(write_file(folder / "fox.png", "x", WriteMode::kNextFreeName), folder / "fox-1.png");
}

TEST(WriteFile, ReplacesOnlyWhereAskedTo) {
  ScratchFolder folder;
  write_bytes(folder / "fox.png", "old");
  EXPECT_EQ(write_file(folder / "fox.png", "new", WriteMode::kOverwrite), folder / "fox.png");
  EXPECT_EQ(read_bytes(folder / "fox.png"), "new");
  EXPECT_EQ(folder.names(), Names{"fox.png"});
}

TEST(WriteFile, GivesEveryWriterItsOwnName) {
  ScratchFolder folder;
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&folder, i] {
      write_file(folder / "fox.png", std::to_string(i), WriteMode::kNextFreeName);
    });
  }
  for (auto& writer : writers) writer.join();
  std::set<std::string> found;
  for (const auto& name : folder.names()) found.insert(read_bytes(folder / name));
  EXPECT_EQ(found.size(), 8u);
  EXPECT_EQ(folder.names().size(), 8u);
}

TEST(WriteFile, NamesAFolderThatIsNotThere) {
  ScratchFolder folder;
  const auto path = folder / "none/fox.png";
  EXPECT_EQ(message_of([&] { write_file(path, "x", WriteMode::kOverwrite); }),
            path.string() + ": cannot be written: No such file or directory");
}

TEST(WriteFile, ReplacesNoFolderAndNoDevice) {
  ScratchFolder folder;
  std::filesystem::create_directory(folder / "dir");
  mkfifo((folder / "pipe").c_str(), 0600);
  for (const auto mode : {WriteMode::kOverwrite, WriteMode::kNextFreeName}) {
    EXPECT_THROW(write_file(folder / "dir", "x", mode), Error);
    EXPECT_THROW(write_file(folder / "pipe", "x", mode), Error);
  }
  EXPECT_EQ(folder.names(), (Names{"dir", "pipe"}));
}

TEST(WriteFile, LeavesNoHalfFileWhereThereIsNoRoom) {
  ScratchFolder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{4096, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const auto message = message_of(
      [&] { write_file(folder / "fox.png", std::string(10000, 'x'), WriteMode::kNextFreeName); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, (folder / "fox.png").string() + ": cannot be written: File too large");
  EXPECT_EQ(folder.names(), Names{});
}

}  // namespace
}  // namespace unclip
