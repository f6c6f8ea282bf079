#include "image/jpeg_segments.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "image/big_endian.h"

namespace unclip {
namespace {

using namespace std::string_view_literals;

constexpr auto kExif = "Exif\0\0"sv;
constexpr auto kXmp = "http://ns.adobe.com/xap/1.0/\0"sv;
// Followed by 32 hexadecimal digits that identify the text, its length, and the offset of this
// part.
constexpr auto kExtension = "http://ns.adobe.com/xmp/extension/\0"sv;
constexpr size_t kGuidSize = 32;
constexpr size_t kExtensionHead = kExtension.size() + kGuidSize + 8;

uint32_t number(std::string_view bytes) {
  uint32_t value = 0;
  for (const unsigned char byte : bytes) value = value << 8 | byte;
  return value;
}

/// The digits that identify the text. Differs from the specification, which uses the text's MD5:
/// readers only compare them.
std::string guid_of(std::string_view text) {
  std::string guid;
  for (uint32_t part = 0; part < 4; ++part) {
    const auto crc = crc32_z(part, reinterpret_cast<const Bytef*>(text.data()), text.size());
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08X", static_cast<unsigned>(crc));
    guid += digits;
  }
  return guid;
}

struct Part {
  uint32_t offset;
  std::string_view bytes;
};

/// The parts joined in their order, up to the first gap.
std::string joined(std::vector<Part> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.offset < b.offset; });
  std::string text;
  for (const auto& part : parts) {
    if (part.offset == text.size()) text += part.bytes;
  }
  return text;
}

std::string stub_of_extension(const std::string& guid) {
  return "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
         "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
         "rdf:about=\"\" xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" "
         "xmpNote:HasExtendedXMP=\"" +
         guid + "\"/></rdf:RDF></x:xmpmeta>";
}

}  // namespace

ImageMetadata metadata_of_segments(const std::vector<std::string_view>& segments) {
  ImageMetadata metadata;
  std::vector<Part> parts;
  for (const auto segment : segments) {
    if (segment.starts_with(kExif)) {
      metadata.exif += segment.substr(kExif.size());
    } else if (segment.starts_with(kXmp)) {
      metadata.xmp = segment.substr(kXmp.size());
    } else if (segment.starts_with(kExtension) && segment.size() > kExtensionHead) {
      parts.push_back(
          {number(segment.substr(kExtensionHead - 4, 4)), segment.substr(kExtensionHead)});
    }
  }
  metadata.xmp += joined(std::move(parts));
  return metadata;
}

std::vector<std::string> segments_of_metadata(const ImageMetadata& metadata) {
  std::vector<std::string> segments;
  if (!metadata.exif.empty()) segments.push_back(std::string(kExif) + metadata.exif);
  const auto& xmp = metadata.xmp;
  if (xmp.empty()) return segments;
  if (kXmp.size() + xmp.size() <= kMostSegmentBytes) {
    segments.push_back(std::string(kXmp) + xmp);
    return segments;
  }
  const auto guid = guid_of(xmp);
  segments.push_back(std::string(kXmp) + stub_of_extension(guid));
  constexpr auto kRoom = kMostSegmentBytes - kExtensionHead;
  for (size_t offset = 0; offset < xmp.size(); offset += kRoom) {
    segments.push_back(std::string(kExtension) + guid +
                       big_endian(static_cast<uint32_t>(xmp.size())) +
                       big_endian(static_cast<uint32_t>(offset)) + xmp.substr(offset, kRoom));
  }
  return segments;
}

}  // namespace unclip
