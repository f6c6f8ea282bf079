#include "weights/tensor_file.h"

#include <random>

#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::safetensors_bytes;
using testing::TemporaryFolder;
using testing::write_text;

const std::string kTwoTensors = R"({"__metadata__":{"format":"pt"},)"
                                R"("b":{"dtype":"I16","shape":[3],"data_offsets":[16,22]},)"
                                R"("a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})";

struct Bad {
  std::string header;
  size_t data;
  std::string message;  // after "FILE: "
};

std::string tensor_x(const std::string& fields) { return R"({"x":{)" + fields + "}}"; }

std::string floats_x(const std::string& shape, const std::string& offsets) {
  return tensor_x(R"("dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets);
}

std::string ones(int rank) {
  std::string shape = "[1";
  while (--rank > 0) shape += ",1";
  return shape + "]";
}

TEST(Safetensors, ReadsNamesTypesShapesAndBytes) {
  const TemporaryFolder folder;
  std::string data(22, '\0');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i);
  write_text(folder / "x.safetensors", safetensors_bytes(kTwoTensors, data));

  const auto file = TensorFile::open(folder / "x.safetensors");
  ASSERT_EQ(file->entries().size(), 2u);
  EXPECT_EQ(file->entries()[0].name, "a");  // in the order of the bytes
  EXPECT_EQ(file->entries()[0].shape, (std::vector<int64_t>{2, 2}));
  const auto* b = file->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->dtype, Dtype::kI16);
  EXPECT_EQ(b->numel(), 3);
  EXPECT_EQ(static_cast<int>(*file->data(*b)), 16);
  EXPECT_EQ(file->find("c"), nullptr);
  EXPECT_EQ(file->metadata().at("format"), "pt");
  EXPECT_EQ(file->header_bytes().size(), 8 + kTwoTensors.size());
  EXPECT_EQ(file->tensor_bytes().size(), 22u);
}

TEST(Safetensors, TakesFilesWithoutTensorsAndTensorsWithoutBytes) {
  const TemporaryFolder folder;
  for (const auto* header : {"{}", "{}   ", R"({"__metadata__":{}})"}) {
    write_text(folder / "x", safetensors_bytes(header, ""));
    EXPECT_TRUE(TensorFile::open(folder / "x")->entries().empty()) << header;
  }
  const std::string header = R"({"full":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)"
                             R"("empty":{"dtype":"F64","shape":[3,0,5],"data_offsets":[1,1]},)"
                             R"("first":{"dtype":"F4","shape":[0],"data_offsets":[0,0]}})";
  write_text(folder / "x", safetensors_bytes(header, "!"));
  const auto file = TensorFile::open(folder / "x");
  EXPECT_EQ(file->find("empty")->numel(), 0);
  EXPECT_EQ(file->find("full")->numel(), 1);
}

TEST(Safetensors, WritingToTheMappingLeavesTheFileAlone) {
  const TemporaryFolder folder;
  const auto bytes = safetensors_bytes(floats_x("[1]", "[0,4]"), "abcd");
  write_text(folder / "x", bytes);
  const auto file = TensorFile::open(folder / "x");
  *file->data(*file->find("x")) = std::byte{'z'};
  EXPECT_EQ(testing::read_text(folder / "x"), bytes);
  EXPECT_EQ(TensorFile::open(folder / "x")->tensor_bytes()[0], std::byte{'a'});
}

TEST(Safetensors, ReleasedBytesAreReadAgain) {
  const TemporaryFolder folder;
  const std::string data(1 << 16, 'v');
  write_text(folder / "x", safetensors_bytes(floats_x("[16384]", "[0,65536]"), data));
  const auto file = TensorFile::open(folder / "x");
  file->release(*file->find("x"));
  for (const auto byte : file->tensor_bytes()) ASSERT_EQ(byte, std::byte{'v'});
}

TEST(Safetensors, TellsWhatIsWrongWithAHeader) {
  const std::string fine = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  const std::vector<Bad> all = {
      // Not JSON, or not the right JSON.
      {"", 0, "its header does not begin with '{', so it is not a safetensors file"},
      {"[]", 0, "its header does not begin with '{', so it is not a safetensors file"},
      {"\xef\xbb\xbf{}", 0, "its header does not begin with '{', so it is not a safetensors file"},
      {"{", 0, "its header is not valid JSON in UTF-8 at byte 9"},
      {"{}{}", 0, "its header is not valid JSON in UTF-8 at byte 10"},
      {std::string("{}\0 ", 4), 0, "its header is not valid JSON in UTF-8 at byte 10"},
      {"{\"\xff\":{}}", 0, "its header is not valid JSON in UTF-8 at byte 10"},
      {R"({"x":{"dtype":"\ud800"}})", 0,
       "its header is not valid JSON in UTF-8 at byte 29, at or after tensor 'x'"},
      {tensor_x(fine + ","), 8,
       "its header is not valid JSON in UTF-8 at byte 61, at or after tensor 'x'"},
      {R"({"x":1})", 0, "tensor 'x': expected an object, got a number"},
      {R"({"x":null})", 0, "tensor 'x': expected an object, got null"},
      {R"({"x":[[]]})", 0, "tensor 'x': expected an object, got a list"},
      {R"({"__metadata__":"pt"})", 0, "__metadata__: expected an object, got a string"},
      {R"({"__metadata__":{"a":1}})", 0, "__metadata__: 'a': expected a string, got a number"},
      {R"({"__metadata__":{"a":{}}})", 0, "__metadata__: 'a': expected a string, got an object"},
      {R"({"__metadata__":{"a":"1","a":"1"}})", 0, "__metadata__: 'a' stands there twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, "__metadata__: stands there twice"},
      // A tensor's fields.
      {tensor_x(fine).substr(0, tensor_x(fine).size() - 1) + R"(,"\u0078":{)" + fine + "}}", 8,
       "tensor 'x': stands there twice"},
      {tensor_x(fine + R"(,"dtype":"F32")"), 8, "tensor 'x': 'dtype' stands there twice"},
      {tensor_x(fine + R"(,"strides":[1])"), 8,
       "tensor 'x': expected the keys dtype, shape and data_offsets, got 'strides'"},
      {tensor_x(R"("shape":[2],"data_offsets":[0,8])"), 8, "tensor 'x': dtype is missing"},
      {tensor_x(R"("dtype":"F32","data_offsets":[0,8])"), 8, "tensor 'x': shape is missing"},
      {tensor_x(R"("dtype":"F32","shape":[2])"), 8, "tensor 'x': data_offsets is missing"},
      {tensor_x(R"("dtype":"F33","shape":[2],"data_offsets":[0,8])"), 8,
       "tensor 'x': dtype is 'F33', which the format does not know"},
      {tensor_x(R"("dtype":32,"shape":[2],"data_offsets":[0,8])"), 8,
       "tensor 'x': dtype: expected a string, got a number"},
      {tensor_x(R"("dtype":"F32","shape":"2","data_offsets":[0,8])"), 8,
       "tensor 'x': shape: expected a list of integers, got a string"},
      {tensor_x(R"("dtype":"F32","shape":[2],"data_offsets":8)"), 8,
       "tensor 'x': data_offsets: expected a list of integers, got a number"},
      {floats_x("[[2]]", "[0,8]"), 8, "tensor 'x': shape: expected integers, got a list"},
      {floats_x("[true]", "[0,8]"), 8, "tensor 'x': shape: expected integers, got true"},
      {floats_x("[2]", "[0,{}]"), 8, "tensor 'x': data_offsets: expected integers, got an object"},
      {floats_x("[2.0]", "[0,8]"), 8, "tensor 'x': shape: expected integers, got the number 2.0"},
      // Shapes.
      {floats_x("[-2]", "[0,8]"), 8, "tensor 'x': shape has the size -2"},
      {floats_x("[9223372036854775808]", "[0,8]"), 8,
       "tensor 'x': shape has the size 9223372036854775808"},
      {floats_x("[4294967296,4294967296]", "[0,0]"), 0,
       "tensor 'x': shape [4294967296, 4294967296] overflows"},
      {floats_x("[4611686018427387904]", "[0,0]"), 0,
       "tensor 'x': shape [4611686018427387904] overflows"},
      {floats_x("[0,4294967296,4294967296]", "[0,0]"), 0,
       "tensor 'x': shape [0, 4294967296, 4294967296] overflows"},
      {floats_x(ones(33), "[0,4]"), 4, "tensor 'x': shape has more than 32 sizes"},
      // Offsets.
      {floats_x("[2]", "[-1,7]"), 8, "tensor 'x': data_offsets has -1"},
      {floats_x("[2]", "[0]"), 8, "tensor 'x': data_offsets has fewer than two numbers"},
      {floats_x("[2]", "[0,4,8]"), 8, "tensor 'x': data_offsets has more than two numbers"},
      {floats_x("[2]", "[8,0]"), 8, "tensor 'x': data_offsets run backwards, from 8 to 0"},
      {floats_x("[2]", "[0,8]"), 7,
       "tensor 'x': lies at bytes 0 to 8, but 7 bytes follow the header; the file may be cut "
       "short"},
      {floats_x("[2]", "[18446744073709551608,18446744073709551615]"), 8,
       "tensor 'x': lies at bytes 18446744073709551608 to 18446744073709551615, but 8 bytes "
       "follow the header; the file may be cut short"},
      {floats_x("[3]", "[0,8]"), 8, "tensor 'x': has 8 bytes; F32 [3] takes 12"},
      {floats_x("[0]", "[0,8]"), 8, "tensor 'x': has 8 bytes; F32 [0] takes 0"},
      {tensor_x(R"("dtype":"F4","shape":[3],"data_offsets":[0,1])"), 1,
       "tensor 'x': has 1 bytes; F4 [3] takes 1 and a part"},
      // The whole.
      {floats_x("[2]", "[0,8]"), 9, "its tensors end at byte 8, but 9 bytes follow the header"},
      {"{}", 1, "its tensors end at byte 0, but 1 bytes follow the header"},
      {floats_x("[2]", "[4,12]"), 12,
       "tensor 'x': expected to begin at byte 0, got 4; no tensor holds the bytes between"},
      {R"({"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
       R"("y":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
       6, "tensor 'y' begins at byte 2, inside tensor 'x', which ends at 4"},
      {R"({"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
       R"("y":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})",
       9, "tensor 'y': expected to begin at byte 4, got 5; no tensor holds the bytes between"},
      {R"({"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
       R"("y":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}})",
       4, "tensor 'y' begins at byte 2, inside tensor 'x', which ends at 4"},
  };
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  for (const auto& bad : all) {
    write_text(path, safetensors_bytes(bad.header, std::string(bad.data, '\0')));
    EXPECT_EQ(error_of([&] { TensorFile::open(path); }), path.string() + ": " + bad.message)
        << bad.header;
  }
}

TEST(Safetensors, TellsWhatIsWrongWithAFile) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  const auto message = [&] { return error_of([&] { TensorFile::open(path); }); };
  const auto length = [](uint64_t n) {
    return std::string(reinterpret_cast<const char*>(&n), sizeof n);
  };
  EXPECT_EQ(message(), path.string() + ": does not exist");
  std::filesystem::create_directory(path);
  EXPECT_EQ(message(), path.string() + ": is not a regular file");
  std::filesystem::remove(path);
  for (size_t n = 0; n < 8; ++n) {
    write_text(path, std::string(n, '\0'));
    EXPECT_EQ(message(), path.string() + ": has " + std::to_string(n) +
                             " bytes, too few for a safetensors file");
  }
  write_text(path, length(3) + "{}");
  EXPECT_EQ(message(), path.string() +
                           ": its header would have 3 bytes, but only 2 follow; the "
                           "file may be cut short");
  for (const uint64_t n : {uint64_t{100'000'001}, ~uint64_t{0}}) {
    write_text(path, length(n) + "{}");
    EXPECT_EQ(message(),
              path.string() + ": its header would have " + std::to_string(n) +
                  " bytes; at most 100000000 are allowed, so it is not a safetensors file");
  }
  write_text(path, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
  EXPECT_NE(message().find("is a Git LFS pointer"), std::string::npos) << message();
}

TEST(Safetensors, RefusesDeepNestingWithoutFollowingIt) {
  const TemporaryFolder folder;
  std::string header = R"({"x":{"shape":)" + std::string(1'000'000, '[');
  write_text(folder / "x", safetensors_bytes(header, ""));
  EXPECT_NE(error_of([&] {
              TensorFile::open(folder / "x");
            }).find("shape: expected integers, got a list"),
            std::string::npos);
}

TEST(Safetensors, HasABoundedNumberOfTensors) {
  constexpr int kMost = 1 << 17;
  std::string header = "{";
  for (int i = 0; i <= kMost; ++i) {
    header.append(i == 0 ? "\"" : ",\"").append(std::to_string(i));
    header += R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    if (i + 1 == kMost) {
      const auto file = TensorFile::from_bytes(safetensors_bytes(header + "}", ""), "x");
      EXPECT_EQ(file->entries().size(), size_t{kMost});
    }
  }
  const auto bytes = safetensors_bytes(header + "}", "");
  EXPECT_EQ(error_of([&] { TensorFile::from_bytes(bytes, "x"); }),
            "x: its header lists more than 131072 tensors");
}

TEST(Safetensors, MessagesStayOneShortLineWhateverAFileHolds) {
  const TemporaryFolder folder;
  const auto name = "a\\nb\xc3\xa9" + std::string(5000, 'z');
  write_text(folder / "x", safetensors_bytes(R"({")" + name + R"(":1})", ""));
  const auto message = error_of([&] { TensorFile::open(folder / "x"); });
  EXPECT_NE(message.find("a\\nb\\u00e9zzz"), std::string::npos);
  EXPECT_LT(message.size(), 400u);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

// A changed file opens, with every tensor inside its bytes, or is an Error; nothing else.
TEST(Safetensors, SurvivesRandomDamage) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  const auto whole = safetensors_bytes(kTwoTensors, std::string(22, 'd'));
  const std::string alphabet = "{}[],:\"\\0123456789-.eutfalsn \xff\x80\x00";
  std::mt19937 random(1);
  const auto below = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  int opened = 0, refused = 0;
  for (int round = 0; round < 1500; ++round) {
    auto bytes = whole;
    for (size_t changes = 1 + below(3); changes > 0 && bytes.size() > 1; --changes) {
      const auto at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = alphabet[below(alphabet.size())];
          break;
        case 1:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 2:
          bytes.erase(at, 1 + below(8));
          break;
        case 3:
          bytes.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
      }
    }
    write_text(path, bytes);
    const auto message = error_of([&] {
      const auto file = TensorFile::open(path);
      for (const auto& entry : file->entries()) {
        ASSERT_LE(entry.begin, entry.end);
        ASSERT_LE(entry.end, file->tensor_bytes().size());
      }
      ++opened;
    });
    if (!message.empty()) ++refused;
  }
  EXPECT_EQ(opened + refused, 1500);
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace unclip
