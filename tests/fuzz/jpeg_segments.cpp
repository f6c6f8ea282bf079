#include <algorithm>

#include "image/image_texts.h"
#include "image/jpeg_segments.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(jpeg_segments) {
  // Each segment behind its length in two bytes, as in a JPEG.
  std::vector<std::string_view> segments;
  while (bytes.size() >= 2) {
    const auto length = static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]);
    bytes.remove_prefix(2);
    segments.push_back(bytes.substr(0, static_cast<size_t>(length)));
    bytes.remove_prefix(segments.back().size());
  }
  texts_of_metadata(metadata_of_segments(segments));
}

}  // namespace unclip
