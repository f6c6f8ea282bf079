// Files that torch.save and torch.jit.save wrote (tests/golden/make_torch_files.py), beside each of
// which FILE.expected holds what torch.load reads from it, as safetensors.

#include "weights/torch_file.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "tests/support/error_matcher.h"
#include "tests/support/torch_bytes.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;

std::string golden_path(const std::string& name) { return "tests/golden/torch/" + name; }

std::vector<std::string> sorted_names(const Checkpoint& checkpoint) {
  auto names = checkpoint.names();
  std::sort(names.begin(), names.end());
  return names;
}

struct GoldenFile {
  const char* name;
  const char* format;
};

class EveryTorchFile : public ::testing::TestWithParam<GoldenFile> {};

TEST_P(EveryTorchFile, HoldsWhatTorchReads) {
  const auto path = golden_path(GetParam().name);
  const auto found = Checkpoint::open(path);
  const auto expected = Checkpoint::open(path + ".expected");
  EXPECT_EQ(found.format(), GetParam().format);
  ASSERT_EQ(sorted_names(found), sorted_names(expected));
  for (const auto& name : expected.names()) {
    EXPECT_EQ(found.entry(name).shape, expected.entry(name).shape) << name;
    const auto x = found.tensor(name), x_ref = expected.tensor(name);
    EXPECT_EQ(x.scalar_type(), x_ref.scalar_type()) << name;
    EXPECT_TRUE(x.is_contiguous()) << name;
    EXPECT_TRUE(at::equal(x, x_ref)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , EveryTorchFile,
    ::testing::Values(GoldenFile{"types.pt", "PyTorch"},
                      GoldenFile{"types_old.pt", "PyTorch before 1.6"},
                      GoldenFile{"views.bin", "PyTorch"},
                      GoldenFile{"views_old.bin", "PyTorch before 1.6"},
                      GoldenFile{"parameters.pth", "PyTorch"},
                      GoldenFile{"protocol3.pt", "PyTorch"}, GoldenFile{"protocol4.pt", "PyTorch"},
                      GoldenFile{"protocol5.pt", "PyTorch"}, GoldenFile{"training.ckpt", "PyTorch"},
                      GoldenFile{"statistics.th", "PyTorch"}, GoldenFile{"many.bin", "PyTorch"},
                      GoldenFile{"stream.ckpt", "PyTorch"}, GoldenFile{"script.pt", "TorchScript"}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(TorchFile, ViewsWhatIsAlignedAndInOrder) {
  const auto checkpoint = Checkpoint::open(golden_path("views.bin"));
  const auto bytes = checkpoint.opened()[0]->tensor_bytes();
  const auto is_view = [&](const std::string& name) {
    const auto* data = static_cast<const std::byte*>(checkpoint.tensor(name).data_ptr());
    return data >= bytes.data() && data < bytes.data() + bytes.size();
  };
  for (const auto* name : {"whole", "rows", "one", "again", "tail"})
    EXPECT_TRUE(is_view(name)) << name;
  for (const auto* name : {"columns", "turned", "repeated", "steps"})
    EXPECT_FALSE(is_view(name)) << name;
}

TEST(TorchFile, NamesOtherTypesWhenTheirTensorIsUsed) {
  const auto checkpoint = Checkpoint::open(golden_path("narrow.pt"));
  EXPECT_EQ(dtype_name(checkpoint.entry("f8").dtype), "F8_E4M3");
  EXPECT_EQ(dtype_name(checkpoint.entry("u16").dtype), "U16");
  EXPECT_TRUE(at::equal(checkpoint.tensor("f32"), at::tensor({3.0f})));
  EXPECT_TRUE(mentions(error_of([&] { checkpoint.tensor("f8"); }),
                       {"narrow.pt", "'f8'", "expected one of F64", "got F8_E4M3"}));
}

TEST(TorchFile, SaysWhatLiesInPlaceOfATensor) {
  const auto checkpoint = Checkpoint::open(golden_path("training.ckpt"));
  EXPECT_EQ(checkpoint.instead_of("x.steps"), "an integer");
  EXPECT_EQ(checkpoint.instead_of("none"), "None");
  EXPECT_EQ(checkpoint.instead_of("x.weight"), "");
}

TEST(TorchFile, RefusesAWholeModule) {
  EXPECT_TRUE(mentions(error_of([&] { Checkpoint::open(golden_path("module.pt")); }),
                       {"module.pt", "expected a dictionary of tensors", "__main__.Outer", "module",
                        "state dictionary"}));
}

TEST(TorchFile, ANameThatStandsTwiceIsRefused) {
  using namespace testing::torch_bytes;
  const auto bytes = torch_zip(program(dict({{"x", pair_tensor()}, {"x", pair_tensor()}})));
  EXPECT_TRUE(
      mentions(error_of([&] { Checkpoint::from_bytes(bytes, "m.pt"); }), {"m.pt", "'x'", "twice"}));
}

TEST(TorchFile, TheStateMayLieOneLevelDeep) {
  using namespace testing::torch_bytes;
  const auto inner = dict({{"x", pair_tensor()}});
  const auto names_of = [](const std::string& body) {
    return Checkpoint::from_bytes(torch_zip(program(body)), "m.pt").names();
  };
  for (const auto* key : {"state_dict", "model", "module", "ema", "params"}) {
    EXPECT_EQ(names_of(dict({{"epoch", integer(1)}, {key, inner}})),
              (std::vector<std::string>{"x"}))
        << key;
  }
  // A tensor of its own keeps the rest where it is.
  EXPECT_EQ(names_of(dict({{"y", pair_tensor()}, {"model", inner}})),
            (std::vector<std::string>{"y"}));
  EXPECT_TRUE(names_of(dict({{"state", inner}})).empty());
}

/// A storage of float32 that an old file names as a part of a larger one.
TEST(TorchFile, AnOldFileMayNamePartsOfAStorage) {
  using namespace testing::torch_bytes;
  const auto view = tuple({text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"),
                           integer(5), tuple({text("1"), integer(2), integer(2)})}) +
                    "Q";
  const auto bytes = old_torch(dict({{"x", tensor(view, 0, {2}, {1})}}), "]" + text("0") + "a",
                               little<int64_t>(5) + floats({9, 9, 1, 2, 9}));
  EXPECT_TRUE(at::equal(Checkpoint::from_bytes(bytes, "m").tensor("x"), at::tensor({1.f, 2.f})));
}

// The hub has safetensors under names of PyTorch, and the other way round.
TEST(TorchFile, TheContentDecidesNotTheName) {
  const TemporaryFolder folder;
  std::filesystem::copy_file(golden_path("types.pt.expected"), folder / "a.bin");
  std::filesystem::copy_file(golden_path("types.pt"), folder / "b.safetensors");
  EXPECT_EQ(Checkpoint::open(folder / "a.bin").format(), "safetensors");
  EXPECT_EQ(Checkpoint::open(folder / "b.safetensors").format(), "PyTorch");
}

/// Writes an archive with holes: records of any size, of which only the end is written. Sizes and
/// places that do not fit into 32 bits are in ZIP64 fields.
class HollowArchive {
 public:
  explicit HollowArchive(const std::filesystem::path& path) : out_(path, std::ios::binary) {}

  void add(const std::string& name, uint64_t size, const std::string& end) {
    using namespace testing::torch_bytes;
    const auto at = place();
    const auto sizes = narrow(size) + narrow(size);
    const auto name_size = little(static_cast<uint16_t>(name.size()));
    out_ << "PK\3\4" << little<uint16_t>(0) << little<uint16_t>(0x0808) << std::string(10, '\0')
         << sizes << name_size << little<uint16_t>(0) << name;
    out_.seekp(static_cast<std::streamoff>(size - end.size()), std::ios::cur);
    out_ << end;

    std::string extra;
    if (size >= kMost) extra += little(size) + little(size);
    if (at >= kMost) extra += little(at);
    if (!extra.empty()) {
      extra = little<uint16_t>(1) + little(static_cast<uint16_t>(extra.size())) + extra;
    }
    directory_ += std::string("PK\1\2") + std::string(4, '\0') + little<uint16_t>(0x0808) +
                  std::string(10, '\0') + sizes + name_size +
                  little(static_cast<uint16_t>(extra.size())) + std::string(10, '\0') + narrow(at) +
                  name + extra;
    ++count_;
  }

  void finish() {
    using namespace testing::torch_bytes;
    const auto begin = place();
    out_ << directory_;
    const auto end = place();
    out_ << "PK\6\6" << little<uint64_t>(44) << std::string(12, '\0') << little(count_)
         << little(count_) << little<uint64_t>(directory_.size()) << little(begin) << "PK\6\7"
         << little<uint32_t>(0) << little(end) << little<uint32_t>(1) << "PK\5\6"
         << std::string(4, '\0') << std::string(12, '\xff') << std::string(2, '\0');
    out_.close();
    ASSERT_TRUE(out_);
  }

 private:
  static constexpr uint64_t kMost = 0xFFFFFFFF;
  static std::string narrow(uint64_t value) {
    return testing::torch_bytes::little(static_cast<uint32_t>(std::min(value, kMost)));
  }
  uint64_t place() { return static_cast<uint64_t>(out_.tellp()); }

  std::ofstream out_;
  std::string directory_;
  uint64_t count_ = 0;
};

TEST(TorchFile, ReadsBeyondFourGiB) {
  using namespace testing::torch_bytes;
  const TemporaryFolder folder;  // in memory, where holes take none
  const int64_t numel = (int64_t{1} << 30) + 16;
  const auto pickle = program(dict({{"end", tensor(storage(numel), numel - 2, {2}, {1})},
                                    {"y", tensor(storage(2, "1"), 0, {2}, {1})}}));
  HollowArchive archive(folder / "large.bin");
  archive.add("a/data.pkl", pickle.size(), pickle);
  archive.add("a/data/0", 4 * static_cast<uint64_t>(numel), floats({1, 2}));
  archive.add("a/data/1", 8, floats({3, 4}));
  archive.finish();
  const auto checkpoint = Checkpoint::open(folder / "large.bin");
  EXPECT_TRUE(at::equal(checkpoint.tensor("end"), at::tensor({1.f, 2.f})));
  EXPECT_TRUE(at::equal(checkpoint.tensor("y"), at::tensor({3.f, 4.f})));
}

}  // namespace
}  // namespace unclip
