#include "base/write_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
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

TEST(WriteFile, ReplacesNoFolder) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "dir");
  for (const auto mode : {WriteMode::kOverwrite, WriteMode::kNextFreeName}) {
    EXPECT_THROW(write_file(folder / "dir", "x", mode), Error);
  }
  EXPECT_EQ(names_in(folder), (Names{"dir"}));
}

TEST(WriteFile, WritesIntoPipesAndDevices) {
  TemporaryFolder folder;
  mkfifo((folder / "pipe").c_str(), 0600);
  std::filesystem::create_symlink("/dev/null", folder / "null");
  for (const auto mode : {WriteMode::kOverwrite, WriteMode::kNextFreeName}) {
    std::string read;
    std::thread reader([&] { read = read_text(folder / "pipe"); });
    EXPECT_EQ(write_file(folder / "pipe", "bytes", mode), folder / "pipe");
    reader.join();
    EXPECT_EQ(read, "bytes");
    EXPECT_EQ(write_file(folder / "null", "bytes", mode), folder / "null");
  }
  EXPECT_EQ(names_in(folder), (Names{"null", "pipe"}));
}

TEST(WriteFile, WritesToADescriptorByItsName) {
  TemporaryFolder folder;
  const int file = open((folder / "x").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const auto name = "/dev/fd/" + std::to_string(file);
  write_file(name, "one", WriteMode::kNextFreeName);
  write_file(name, "two", WriteMode::kOverwrite);
  close(file);
  EXPECT_EQ(read_text(folder / "x"), "onetwo");
  EXPECT_EQ(names_in(folder), Names{"x"});
}

TEST(StreamOfName, KnowsTheNamesOfDescriptors) {
  const std::pair<const char*, std::optional<int>> names[] = {
      {"/dev/stdout", 1},          {"/dev/stderr", 2},       {"/dev/fd/7", 7},
      {"/proc/self/fd/1", 1},      {"/dev//fd/1", 1},        {"/dev/fd/", std::nullopt},
      {"/dev/fd/x", std::nullopt}, {"stdout", std::nullopt}, {"", std::nullopt}};
  for (const auto& [name, descriptor] : names) EXPECT_EQ(stream_of_name(name), descriptor) << name;
}

/// The Error of `expect_name_fits`; empty if there is none.
std::string misfit(const std::filesystem::path& path, WriteMode mode, int64_t namesakes = 0) {
  return error_of([&] { expect_name_fits(path, mode, namesakes); });
}

TEST(ExpectNameFits, RefusesNamesThatTheFileSystemCannotHold) {
  TemporaryFolder folder;
  const auto name = [&](size_t size) { return folder / (std::string(size - 4, 'x') + ".png"); };
  for (const auto mode : {WriteMode::kOverwrite, WriteMode::kNextFreeName}) {
    EXPECT_EQ(misfit(name(255), mode), "");
    EXPECT_NE(misfit(name(256), mode).find("at most 255 bytes, found one of 256"),
              std::string::npos);
    EXPECT_NE(misfit(folder / std::string(256, 'd') / "x.png", mode), "");
  }
  EXPECT_EQ(write_file(name(255), "x", WriteMode::kNextFreeName), name(255));
}

TEST(ExpectNameFits, CountsTheNumberOfANameThatIsTaken) {
  TemporaryFolder folder;
  const auto name = [&](size_t size) { return folder / (std::string(size - 4, 'x') + ".png"); };
  EXPECT_EQ(misfit(name(253), WriteMode::kNextFreeName, 1), "");
  EXPECT_NE(misfit(name(254), WriteMode::kNextFreeName, 1), "");
  EXPECT_NE(misfit(name(253), WriteMode::kNextFreeName, 10), "");
  EXPECT_EQ(misfit(name(254), WriteMode::kNextFreeName), "");
  write_text(name(254), "taken");
  EXPECT_NE(misfit(name(254), WriteMode::kNextFreeName).find("gets a number"), std::string::npos);
  EXPECT_EQ(misfit(name(254), WriteMode::kOverwrite), "");
  write_text(name(253), "taken");
  EXPECT_EQ(misfit(name(253), WriteMode::kNextFreeName), "");
  for (int i = 1; i < 10; ++i) {
    write_text(folder / (std::string(249, 'x') + "-" + std::to_string(i) + ".png"), "taken");
  }
  EXPECT_NE(misfit(name(253), WriteMode::kNextFreeName), "") << "-10 has no room";
}

TEST(ExpectNameFits, CountsTheWholePathAndTheScratchName) {
  TemporaryFolder folder;
  auto deep = folder.path();
  while (deep.native().size() < 3800) deep /= std::string(200, 'd');
  const auto path_of_size = [&](size_t size) {
    auto padded = deep / std::string(std::min<size_t>(200, size - deep.native().size() - 10), 'e');
    while (padded.native().size() + 8 < size) {
      padded /= std::string(std::min<size_t>(200, size - padded.native().size() - 7), 'f');
    }
    return padded / "a.png";
  };
  EXPECT_EQ(misfit(path_of_size(3900), WriteMode::kOverwrite), "");
  EXPECT_NE(misfit(path_of_size(4200), WriteMode::kOverwrite).find("at most 4095 bytes"),
            std::string::npos);
  const auto barely = path_of_size(4090);  // itself fits, write_file's scratch name does not
  ASSERT_LT(barely.native().size(), 4096u);
  EXPECT_NE(misfit(barely, WriteMode::kOverwrite), "");
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
