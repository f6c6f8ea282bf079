#include "weights/npy.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;

/// A version 1.0 file of this header and these bytes of numbers.
std::string file(std::string header, const std::string& numbers) {
  std::string bytes = "\x93NUMPY";
  bytes += {'\x01', '\x00', static_cast<char>(header.size()), '\x00'};
  return bytes + header + numbers;
}

std::string numbers(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

TEST(Npy, GivesBackWhatWasWritten) {
  for (const auto& shape : std::vector<std::vector<int64_t>>{{3}, {2, 5}, {1, 1}, {2, 3, 4}}) {
    const auto x = at::randn(shape);
    const auto bytes = npy_bytes(x);
    EXPECT_TRUE(at::equal(parse_npy(bytes, "x"), x));
    EXPECT_EQ(bytes.find('\n') % 64, 63U) << "the numbers are not aligned";
  }
}

// The bytes that numpy 2 writes of numpy.float32([[1, 2, 3]]).
TEST(Npy, WritesWhatNumpyWrites) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }";
  std::string wanted = "\x93NUMPY";
  wanted += {'\x01', '\x00', '\x76', '\x00'};
  wanted += header + std::string(0x76 - header.size() - 1, ' ') + "\n" + numbers({1, 2, 3});
  EXPECT_EQ(npy_bytes(at::tensor({1.F, 2.F, 3.F}).view({1, 3})), wanted);
}

TEST(Npy, ReadsKeysInAnyOrderAndOtherTypes) {
  const auto half = at::tensor({1.5F, -2.F}).to(at::kHalf);
  const std::string bytes(static_cast<const char*>(half.const_data_ptr()), 4);
  const auto x =
      parse_npy(file("{\"shape\":(2,),\"descr\":\"<f2\",\"fortran_order\":False}", bytes), "x");
  EXPECT_EQ(x.scalar_type(), at::kHalf);
  EXPECT_EQ(x.sizes(), at::IntArrayRef({2}));
  EXPECT_EQ(x[0].item<float>(), 1.5F);
}

TEST(Npy, RefusesWhatIsNoArrayOfRealNumbers) {
  const auto four = numbers({1, 2, 3, 4});
  const auto header = [](const std::string& descr, const std::string& order,
                         const std::string& shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + "}\n";
  };
  for (const auto& bytes : std::vector<std::string>{
           "",
           "\x93NUMPY",
           "\x93NUMPY\x09\x00\x01\x00{",
           "PK\x03\x04",
           file("", four),
           file("{", four),
           file("{}", four),
           file("[1, 2]", four),
           file(header("<i4", "False", "(4,)"), four),
           file(header(">f4", "False", "(4,)"), four),
           file(header("|O", "False", "(4,)"), four),
           file(header("<f4", "True", "(2, 2)"), four),
           file(header("<f4", "Maybe", "(4,)"), four),
           file(header("<f4", "False", "(5,)"), four),
           file(header("<f4", "False", "(3,)"), four),
           file(header("<f4", "False", "(-4,)"), four),
           file(header("<f4", "False", "(4"), four),
           file(header("<f4", "False", "4"), four),
           file(header("<f4", "False", "(9223372036854775807, 9223372036854775807)"), four),
           file(header("<f4", "False", "(1,1,1,1,1,1,1,1,1,1,4)"), four),
           file("{'descr': '<f4', 'fortran_order': False}", four)}) {
    EXPECT_EQ(error_of([&] { parse_npy(bytes, "x.npy"); }).find("x.npy: "), 0U) << bytes;
  }
}

TEST(Npy, RefusesEveryPrefixOfAFile) {
  const auto whole = npy_bytes(at::ones({2, 3}));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(testing::mentions(error_of([&] { parse_npy(whole.substr(0, size), "x.npy"); }),
                                  {"x.npy: "}))
        << size;
  }
}

}  // namespace
}  // namespace unclip
