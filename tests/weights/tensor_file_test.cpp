#include "weights/tensor_file.h"

#include <ATen/ATen.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::write_text;

namespace fs = std::filesystem;

// Catalogue ST-030 to ST-032: what lies under the name of weights, and is something else.
TEST(TensorFile, NamesWhatAFileIsInstead) {
  const std::string rest(600, '\1');
  const std::vector<std::pair<std::string, std::string>> all = {
      {"version https://git-lfs.github.com/spec/v1\n" + rest, "Git LFS pointer"},
      {"<!doctype html><html>" + rest, "a web page"},
      {"<html><body>" + rest, "a web page"},
      {"GGUF" + rest, "a GGUF file"},
      {"\x1f\x8b\x08" + rest, "compressed by gzip"},
      {"\x93NUMPY" + rest, "an array of numpy"},
      {"\x89HDF\r\n" + rest, "an HDF5 file"},
      {"\x80\x04\x95" + rest, "a pickle, but not one that torch.save wrote"},
      {std::string(257, 'x') + "ustar" + rest, "a tar archive"},
  };
  for (const auto* name : {"x.safetensors", "x.bin"}) {
    for (const auto& each : all) {
      const auto message = error_of([&] { TensorFile::from_bytes(each.first, name); });
      EXPECT_TRUE(mentions(message, {name, each.second}));
    }
  }
}

// ST-068, ST-070: nothing that is opened for ever, or cannot be opened at all.
TEST(TensorFile, IsARegularFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.bin").c_str(), 0600), 0);
  fs::create_directory(folder / "folder.bin");
  fs::create_symlink("/dev/zero", folder / "zero.bin");
  for (const auto* name : {"pipe.bin", "folder.bin", "zero.bin"}) {
    EXPECT_TRUE(mentions(error_of([&] { TensorFile::open(folder / name); }),
                         {(folder / name).string(), "not a regular file"}));
  }
  fs::create_symlink("loop.bin", folder / "loop.bin");
  EXPECT_NE(error_of([&] { TensorFile::open(folder / "loop.bin"); }), "");
}

// ST-067. Nearly all of the file is a hole, which takes no memory.
TEST(TensorFile, ReadsBeyondFourGiB) {
  const TemporaryFolder folder;
  const uint64_t hole = (uint64_t{1} << 32) + 4;
  const auto header = R"({"a":{"dtype":"U8","shape":[)" + std::to_string(hole) +
                      R"(],"data_offsets":[0,)" + std::to_string(hole) +
                      R"(]},"b":{"dtype":"F32","shape":[2],"data_offsets":[)" +
                      std::to_string(hole) + "," + std::to_string(hole + 8) + "]}}";
  const auto path = folder / "x.safetensors";
  write_text(path, testing::safetensors_bytes(header, ""));
  fs::resize_file(path, fs::file_size(path) + hole);
  const float values[] = {1.5f, -2.0f};
  std::ofstream(path, std::ios::binary | std::ios::app)
      .write(reinterpret_cast<const char*>(values), sizeof values);
  EXPECT_TRUE(at::equal(Checkpoint::open(path).tensor("b"), at::tensor({1.5f, -2.0f})));
}

// ST-073: what was opened stays what it was.
TEST(TensorFile, IsNotChangedByAnotherFileOfItsName) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& name, char value) {
    write_text(folder / name, testing::safetensors_bytes(
                                  R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                                  std::string(1, value)));
  };
  write("x", 'a');
  const auto checkpoint = Checkpoint::open(folder / "x");
  write("y", 'b');
  fs::rename(folder / "y", folder / "x");
  EXPECT_EQ(checkpoint.tensor("x").item<int>(), 'a');
  EXPECT_EQ(Checkpoint::open(folder / "x").tensor("x").item<int>(), 'b');
}

// IX-010, IX-011, IX-018, IX-022, IX-024.
TEST(TensorFile, OfAnIndexIsAFileBesideIt) {
  const TemporaryFolder folder;
  const auto index = folder / "model.safetensors.index.json";
  write_text(folder / "Part.safetensors", testing::safetensors_bytes("{}", ""));
  fs::create_directory(folder / "folder.safetensors");
  const auto message = [&](const std::string& text) {
    write_text(index, text);
    return error_of([&] { Checkpoint::open(folder.path()); });
  };
  EXPECT_TRUE(mentions(message(R"({"weight_map":{"x":"model.safetensors.index.json"}})"),
                       {index.string(), "'model.safetensors.index.json'"}));
  EXPECT_TRUE(mentions(message(R"({"weight_map":{"x":"folder.safetensors"}})"),
                       {"folder.safetensors", "not a regular file"}));
  EXPECT_TRUE(mentions(message(R"({"weight_map":{"x":"part.safetensors"}})"),
                       {"'part.safetensors'", "missing"}));
  EXPECT_TRUE(mentions(message(R"({"weight_map":{"x":"Part.safetensors","x":"Part.safetensors"}})"),
                       {"x", "twice"}));
  for (const auto* size : {"-1", "1e18", "\"many\""}) {
    EXPECT_EQ(message(R"({"weight_map":{},"metadata":{"total_size":)" + std::string(size) + "}}"),
              "");
  }
}

}  // namespace
}  // namespace unclip
