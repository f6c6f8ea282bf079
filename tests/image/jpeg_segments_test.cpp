#include "image/jpeg_segments.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace unclip {
namespace {

using namespace std::string_literals;

ImageMetadata round_trip(const ImageMetadata& metadata) {
  const auto segments = segments_of_metadata(metadata);
  for (const auto& segment : segments) EXPECT_LE(segment.size(), kMostSegmentBytes);
  return metadata_of_segments({segments.begin(), segments.end()});
}

std::string text_of_size(size_t size) {
  std::string text;
  while (text.size() < size) text += std::to_string(text.size()) + " ";
  return text.substr(0, size);
}

TEST(JpegSegments, HoldExifAndXmp) {
  const auto found = round_trip({.orientation = {}, .exif = "MM\0*"s, .xmp = "<x/>", .texts = {}});
  EXPECT_EQ(found.exif, "MM\0*"s);
  EXPECT_EQ(found.xmp, "<x/>");
  EXPECT_TRUE(segments_of_metadata({}).empty());
}

TEST(JpegSegments, DivideXmpThatOneCannotHold) {
  for (const size_t size : {65504u, 65505u, 70000u, 200000u}) {
    const auto xmp = text_of_size(size);
    const ImageMetadata metadata = {.orientation = {}, .exif = "", .xmp = xmp, .texts = {}};
    const auto segments = segments_of_metadata(metadata);
    EXPECT_EQ(segments.size() > 1, size > 65504);
    EXPECT_TRUE(round_trip(metadata).xmp.ends_with(xmp)) << size;
  }
}

TEST(JpegSegments, JoinPartsInTheirOrderUpToAGap) {
  auto segments = segments_of_metadata(
      {.orientation = {}, .exif = "", .xmp = text_of_size(150000), .texts = {}});
  ASSERT_EQ(segments.size(), 4u);
  std::swap(segments[1], segments[3]);
  EXPECT_TRUE(
      metadata_of_segments({segments.begin(), segments.end()}).xmp.ends_with(text_of_size(150000)));
  segments.erase(segments.begin() + 2);
  EXPECT_LT(metadata_of_segments({segments.begin(), segments.end()}).xmp.size(), 70000u);
}

TEST(JpegSegments, SurviveAnyBytes) {
  std::mt19937 random(1);
  const auto whole = segments_of_metadata(
      {.orientation = {}, .exif = "MM", .xmp = text_of_size(70000), .texts = {}});
  for (int i = 0; i < 1000; ++i) {
    auto segments = whole;
    for (auto& segment : segments) {
      segment.resize(random() % 100);
      if (!segment.empty()) segment[random() % segment.size()] ^= static_cast<char>(random());
    }
    EXPECT_LE(metadata_of_segments({segments.begin(), segments.end()}).xmp.size(), 400u);
  }
}

}  // namespace
}  // namespace unclip
