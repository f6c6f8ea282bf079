#include "weights/checkpoint.h"

#include <ATen/ATen.h>

#include <cstdint>

#include "tests/support/error_matcher.h"
#include "tests/support/torch_bytes.h"
#include "tests/weights/files.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::safetensors_bytes;
using testing::TemporaryFolder;
using testing::write_text;

void write_one(const std::filesystem::path& path, const std::string& name, double value) {
  write_safetensors(path, {{name, at::full({2}, value)}});
}

double first(const Checkpoint& checkpoint, const std::string& name) {
  return checkpoint.tensor(name)[0].item<double>();
}

TEST(Checkpoint, TakesTheWholePrecisionBeforeTheVariant) {
  const TemporaryFolder folder;
  write_text(folder / "model.safetensors.index.fp16.json",
             R"({"weight_map":{"x":"model.fp16-1.safetensors"}})");
  write_one(folder / "model.fp16-1.safetensors", "x", 4);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 4);
  write_one(folder / "model.fp16.safetensors", "x", 3);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 3);
  write_text(folder / "model.safetensors.index.json", R"({"weight_map":{"x":"m1.safetensors"}})");
  write_one(folder / "m1.safetensors", "x", 2);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 2);
  write_one(folder / "model.safetensors", "x", 1);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 1);
  EXPECT_EQ(first(Checkpoint::open(folder / "m1.safetensors"), "x"), 2);
  EXPECT_EQ(Checkpoint::open(folder.path()).name(), (folder / "model.safetensors").string());
}

TEST(Checkpoint, ReadsShardsAsOne) {
  const TemporaryFolder folder;
  const auto index = folder / "net.safetensors.index.json";
  write_text(index,
             R"({"metadata":{"total_size":16},"weight_map":{)"
             R"("x":"net-00001-of-00002.safetensors","y":"net-00002-of-00002.safetensors"}})");
  write_one(folder / "net-00001-of-00002.safetensors", "x", 1);
  write_one(folder / "net-00002-of-00002.safetensors", "y", 2);
  const auto checkpoint = Checkpoint::open(folder.path(), "net");
  EXPECT_EQ(checkpoint.name(), index.string());
  EXPECT_EQ(checkpoint.names(), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(checkpoint.files().size(), 2u);
  EXPECT_EQ(first(checkpoint, "y"), 2);
}

TEST(Checkpoint, TellsWhereIndexAndShardsDisagree) {
  const TemporaryFolder folder;
  const auto index = folder / "model.safetensors.index.json";
  write_one(folder / "1.safetensors", "x", 1);
  write_safetensors(folder / "2.safetensors", {{"x", at::ones({1})}, {"y", at::ones({1})}});
  const std::string where = index.string() + ": ";
  const auto in = [&](const char* shard) { return (folder / shard).string() + ": "; };
  const std::vector<std::pair<std::string, std::string>> all = {
      {R"({})", where + "'weight_map': expected an object, got nothing"},
      {R"({"weight_map":[]})", where + "'weight_map': expected an object, got array"},
      {R"({"weight_map":{"x":1}})",
       where + "tensor 'x': expected the name of its shard, got number"},
      {R"({"weight_map":{"x":"3.safetensors"}})",
       where + "names the shard '3.safetensors', which is missing"},
      {R"({"weight_map":{"x":"1.safetensors","y":"1.safetensors"}})",
       where + "lists tensor 'y' in '1.safetensors', which lacks it"},
      {R"({"weight_map":{"y":"2.safetensors"}})",
       in("2.safetensors") + "holds tensor 'x', which model.safetensors.index.json does not list"},
      {R"({"weight_map":{"x":"1.safetensors","y":"2.safetensors"}})",
       in("2.safetensors") +
           "holds tensor 'x', which model.safetensors.index.json lists in '1.safetensors'"},
  };
  for (const auto& [text, message] : all) {
    write_text(index, text);
    EXPECT_EQ(error_of([&] { Checkpoint::open(folder.path()); }), message) << text;
  }
}

TEST(Checkpoint, AShardLiesBesideItsIndex) {
  const TemporaryFolder folder;
  const auto index = folder / "in" / "model.safetensors.index.json";
  write_one(folder / "x.safetensors", "x", 1);
  for (const std::string shard :
       {"../x.safetensors", "/etc/x.safetensors", "a\\\\x.safetensors", "..", "", ".safetensors",
        "x.bin", "x.safetensors\\u0000.safetensors"}) {
    write_text(index, R"({"weight_map":{"x":")" + shard + R"("}})");
    const auto message = error_of([&] { Checkpoint::open(folder / "in"); });
    EXPECT_NE(message.find("expected the name of a .safetensors file in the same folder"),
              std::string::npos)
        << shard << ": " << message;
  }
}

TEST(Checkpoint, NamesWhatLiesThereInstead) {
  const TemporaryFolder folder;
  const auto message = [&] { return error_of([&] { Checkpoint::open(folder.path()); }); };
  const auto where = folder.path().string() + ": ";
  const std::string expected = "model.safetensors or pytorch_model.bin";
  EXPECT_TRUE(mentions(message(), {where, expected, "no weights"}));
  write_text(folder / "some.bin", "");
  EXPECT_TRUE(mentions(message(), {where, expected, "only some.bin"}));
  write_text(folder / "other.safetensors", "");
  EXPECT_TRUE(mentions(message(), {where, expected, "only other.safetensors"}));
  EXPECT_TRUE(mentions(error_of([&] { Checkpoint::open(folder.path(), "diffusion"); }),
                       {where, "diffusion.safetensors or diffusion.bin"}));
}

using namespace testing::torch_bytes;

/// A pickle of x = {value, 2}.
void write_pickle(const std::filesystem::path& path, float value) {
  write_text(path, torch_x(pair_tensor(), floats({value, 2})));
}

TEST(Checkpoint, TakesSafetensorsBeforePickles) {
  const TemporaryFolder folder;
  write_text(folder / "pytorch_model.bin.index.fp16.json",
             R"({"weight_map":{"x":"pytorch_model.fp16-1.bin"}})");
  write_pickle(folder / "pytorch_model.fp16-1.bin", 6);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 6);
  write_pickle(folder / "pytorch_model.fp16.bin", 5);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 5);
  write_text(folder / "pytorch_model.bin.index.json",
             R"({"weight_map":{"x":"pytorch_model-00001-of-00001.bin"}})");
  write_pickle(folder / "pytorch_model-00001-of-00001.bin", 4);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 4);
  write_pickle(folder / "pytorch_model.bin", 3);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 3);
  EXPECT_EQ(Checkpoint::open(folder.path()).format(), "PyTorch");
  write_one(folder / "model.fp16.safetensors", "x", 2);
  EXPECT_EQ(first(Checkpoint::open(folder.path()), "x"), 2);
  // diffusers' pickles have the stem of its safetensors.
  write_pickle(folder / "diffusion_pytorch_model.bin", 1);
  EXPECT_EQ(first(Checkpoint::open(folder.path(), "diffusion_pytorch_model"), "x"), 1);
}

TEST(Checkpoint, AnIndexNamesShardsOfItsKind) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& index, const std::string& shard) {
    write_text(folder / index, R"({"weight_map":{"x":")" + shard + R"("}})");
    return error_of([&] { Checkpoint::open(folder / index); });
  };
  EXPECT_TRUE(mentions(message("model.safetensors.index.json", "a.bin"),
                       {"model.safetensors.index.json", "in the same folder", "'a.bin'"}));
  EXPECT_TRUE(mentions(message("pytorch_model.bin.index.json", "a.safetensors"),
                       {"pytorch_model.bin.index.json", "in the same folder", "'a.safetensors'"}));
}

TEST(Checkpoint, AnIndexHasABoundedNumberOfShards) {
  const TemporaryFolder folder;
  std::string map;
  for (int i = 0; i < 5000; ++i) {
    const auto number = std::to_string(i);
    map += (i == 0 ? "\"x" : ",\"x") + number + "\":\"" + number + ".safetensors\"";
  }
  write_text(folder / "model.safetensors.index.json", R"({"weight_map":{)" + map + "}}");
  EXPECT_TRUE(mentions(error_of([&] { Checkpoint::open(folder.path()); }),
                       {"index.json", "weight_map", "at most 4096 shards", "5000"}));
}

// The hub's cache is made of links; an interrupted download leaves some without a target.
TEST(Checkpoint, NamesTheMissingTargetOfALink) {
  const TemporaryFolder folder;
  const auto repository = folder / "models--owner--name";
  const auto part = repository / "snapshots/0123/decoder";
  std::filesystem::create_directories(part);
  const auto target = (repository / "blobs/abcd").string();
  const auto message = [&] { return error_of([&] { Checkpoint::open(part); }); };
  for (const std::string file :
       {"model.safetensors", "model.fp16.safetensors", "model.safetensors.index.json"}) {
    std::filesystem::create_symlink("../../../blobs/abcd", part / file);
    EXPECT_TRUE(mentions(
        message(), {(part / file).string(), "link", target, "missing", "unclip pull owner/name"}));
    std::filesystem::remove(part / file);
  }
  write_text(part / "model.safetensors.index.json", R"({"weight_map": {"x": "1.safetensors"}})");
  std::filesystem::create_symlink("../../../blobs/abcd", part / "1.safetensors");
  EXPECT_TRUE(mentions(message(), {(part / "1.safetensors").string(), target, "missing"}));
}

TEST(Checkpoint, SaysThatADownloadIsIncomplete) {
  const TemporaryFolder folder;
  const auto part = folder / "models--owner--name/snapshots/0123/decoder";
  write_text(part / "config.json", "{}");
  const auto message = [&] { return error_of([&] { Checkpoint::open(part); }); };
  EXPECT_EQ(message().find("incomplete"), std::string::npos);
  write_text(folder / "models--owner--name/blobs/abcd.incomplete", "x");
  EXPECT_TRUE(
      mentions(message(), {part.string(), "owner/name is incomplete", "unclip pull owner/name"}));
}

TEST(Checkpoint, ViewsTheFileAndKeepsItAlive) {
  const TemporaryFolder folder;
  write_one(folder / "x.safetensors", "x", 1);
  at::Tensor x, again;
  const std::byte* begin = nullptr;
  {
    const auto checkpoint = Checkpoint::open(folder / "x.safetensors");
    begin = checkpoint.opened()[0]->tensor_bytes().data();
    x = checkpoint.tensor("x");
    again = checkpoint.tensor("x");
  }
  EXPECT_EQ(x.data_ptr(), static_cast<const void*>(begin));
  EXPECT_EQ(again.data_ptr(), x.data_ptr());
  std::filesystem::remove(folder / "x.safetensors");
  EXPECT_TRUE(at::equal(x, at::ones({2})));
  x.fill_(7);  // a page of our own: no crash
  EXPECT_TRUE(at::equal(x, at::full({2}, 7.0)));
}

TEST(Checkpoint, CopiesWhatIsNotAligned) {
  const TemporaryFolder folder;
  const float values[] = {1.5f, -2.0f};
  const std::string_view bytes(reinterpret_cast<const char*>(values), sizeof values);
  for (size_t pad = 0; pad < 8; ++pad) {
    const auto header =
        R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})" + std::string(pad, ' ');
    write_text(folder / "x.safetensors", safetensors_bytes(header, bytes));
    const auto checkpoint = Checkpoint::open(folder / "x.safetensors");
    const auto x = checkpoint.tensor("x");
    EXPECT_TRUE(at::equal(x, at::tensor({1.5f, -2.0f})));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(x.data_ptr()) % 4, 0u);
    const bool viewed = x.data_ptr() == checkpoint.opened()[0]->tensor_bytes().data();
    EXPECT_EQ(viewed, (8 + header.size()) % 4 == 0) << pad;
  }
}

TEST(Checkpoint, AnyOtherByteOfABoolIsTrue) {
  const TemporaryFolder folder;
  write_text(folder / "x.safetensors",
             safetensors_bytes(R"({"x":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})",
                               std::string("\0\x01\xff", 3)));
  const auto x = Checkpoint::open(folder / "x.safetensors").tensor("x");
  EXPECT_TRUE(at::equal(x.to(at::kInt), at::tensor({0, 1, 1}, at::kInt)));
}

TEST(Checkpoint, OtherTypesAreToldWhenTheirTensorIsUsed) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  write_text(path, safetensors_bytes(R"({"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},)"
                                     R"("n":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                                     "abc"));
  const auto checkpoint = Checkpoint::open(path);
  EXPECT_EQ(checkpoint.tensor("n")[0].item<int>(), 'c');
  EXPECT_EQ(checkpoint.entry("w").shape, std::vector<int64_t>{2});
  EXPECT_EQ(error_of([&] { checkpoint.tensor("w"); }),
            path.string() +
                ": tensor 'w': expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL, "
                "got F8_E4M3");
}

}  // namespace
}  // namespace unclip
