#include "train/event_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace unclip::train {
namespace {

namespace fs = std::filesystem;

// The test vectors of RFC 3720, appendix B.4, and the usual check value.
TEST(Crc32c, IsThatOfItsStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

// As TensorFlow's TFRecordWriter writes the message "abc".
TEST(EventFile, FramesRecordsAsTensorFlowDoes) {
  const std::string record = frame_record("abc");
  ASSERT_EQ(record.size(), 8u + 4 + 3 + 4);
  EXPECT_EQ(record.substr(0, 8), std::string("\3\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(record.substr(12, 3), "abc");
  const auto unmasked = [](const char* bytes) {
    uint32_t crc;
    std::memcpy(&crc, bytes, 4);
    crc -= 0xa282ead8u;
    return (crc >> 17) | (crc << 15);
  };
  EXPECT_EQ(unmasked(&record[8]), crc32c(record.substr(0, 8)));
  EXPECT_EQ(unmasked(&record[15]), crc32c("abc"));
}

TEST(EventFile, HoldsAVersionAndTheScalarsOfEachStep) {
  auto name = (fs::temp_directory_path() / "events-XXXXXX").string();
  const fs::path scratch = mkdtemp(name.data());
  EventFile(scratch / "clip").write(300, {{"loss", 0.5}, {"caption", 2}});
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(scratch / "clip")) files.push_back(entry.path());
  ASSERT_EQ(files.size(), 1u);
  EXPECT_TRUE(files[0].filename().string().starts_with("events.out.tfevents."));
  std::ifstream in(files[0], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(bytes.find("brain.Event:2"), bytes.npos);
  // step = 300 as a varint; then summary { value { tag: "loss" simple_value: 0.5 } value { ... } }
  const std::string event =
      "\x10\xac\x02\x2a\x1d"
      "\x0a\x0b\x0a\x04loss\x15" +
      std::string("\0\0\0\x3f", 4) +
      "\x0a\x0e\x0a\x07"
      "caption\x15" +
      std::string("\0\0\0\x40", 4);
  EXPECT_NE(bytes.find(event), bytes.npos);
  fs::remove_all(scratch);
}

}  // namespace
}  // namespace unclip::train
