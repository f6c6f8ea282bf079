#include "weights/write_safetensors.h"

#include <ATen/ATen.h>

#include "tests/weights/files.h"
#include "weights/checkpoint.h"
#include "weights/tensor_file.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;

TEST(WriteSafetensors, EveryTypeComesBackEqual) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  std::map<std::string, at::Tensor> tensors;
  for (const auto type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt,
                          at::kShort, at::kChar, at::kByte, at::kBool}) {
    tensors[c10::toString(type)] = at::tensor({0, 1, 1, 0, 1, 100}, at::kInt).to(type).view({2, 3});
  }
  tensors["scalar"] = at::scalar_tensor(2.5);
  tensors["empty"] = at::empty({3, 0});
  tensors["a quote \" and \xc3\xa9"] = at::ones({1});
  write_safetensors(path, tensors, {{"format", "pt"}, {"prompt", "\xe7\x8b\x90"}});

  const auto checkpoint = Checkpoint::open(path);
  EXPECT_EQ(checkpoint.names().size(), tensors.size());
  EXPECT_EQ(checkpoint.metadata().at("prompt"), "\xe7\x8b\x90");
  for (const auto& [name, tensor] : tensors) {
    const auto back = checkpoint.tensor(name);
    EXPECT_EQ(back.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(back, tensor)) << name;
  }
}

TEST(WriteSafetensors, WritesWhatATensorShowsNotHowItLies) {
  const TemporaryFolder folder;
  const auto x = at::arange(12).view({3, 4});
  write_safetensors(folder / "x", {{"t", x.t()}, {"part", x.slice(1, 1, 3)}});
  const auto checkpoint = Checkpoint::open(folder / "x");
  EXPECT_TRUE(at::equal(checkpoint.tensor("t"), x.t()));
  EXPECT_TRUE(at::equal(checkpoint.tensor("part"), x.slice(1, 1, 3)));
}

TEST(WriteSafetensors, AlignsEveryTensor) {
  const TemporaryFolder folder;
  for (size_t n = 1; n < 10; ++n) {
    write_safetensors(folder / "x", {{std::string(n, 'a'), at::ones({3}, at::kByte)},
                                     {"h", at::ones({5}, at::kHalf)},
                                     {"z", at::ones({1}, at::kDouble)}});
    const auto file = TensorFile::open(folder / "x");
    EXPECT_EQ(file->header_bytes().size() % 8, 0u);
    EXPECT_EQ(file->find("z")->begin % 8, 0u);
    EXPECT_EQ(file->find("h")->begin % 2, 0u);
  }
}

TEST(WriteSafetensors, ReplacesAFileWholeAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", {{"a", at::zeros({4})}});
  const auto before = Checkpoint::open(folder / "x").tensor("a");
  write_safetensors(folder / "x", {{"a", at::ones({4})}});
  EXPECT_TRUE(at::equal(before, at::zeros({4})));  // still the old file's bytes
  EXPECT_TRUE(at::equal(Checkpoint::open(folder / "x").tensor("a"), at::ones({4})));

  EXPECT_NE(error_of([&] {
              write_safetensors(folder / "x", {}, {{"bad", "\xff"}});
            }).find("is not UTF-8"),
            std::string::npos);
  std::filesystem::create_directory(folder / "taken");
  EXPECT_NE(error_of([&] { write_safetensors(folder / "taken", {}); }).find("cannot be written"),
            std::string::npos);
  size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder.path())) {
    ++files;
  }
  EXPECT_EQ(files, 2u);
}

TEST(WriteSafetensors, NamesAFolderThatIsNotThere) {
  const TemporaryFolder folder;
  const auto path = folder / "no" / "x.safetensors";
  EXPECT_EQ(error_of([&] { write_safetensors(path, {}); }),
            path.string() + ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace unclip
