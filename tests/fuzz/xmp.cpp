#include "image/image_orientation.h"
#include "image/image_texts.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(xmp) {
  ImageMetadata metadata;
  metadata.xmp = bytes;
  const auto orientation = image_orientation(metadata);
  fuzz::expect(orientation >= 1 && orientation <= 8, "an orientation of EXIF");
  const auto texts = texts_of_metadata(metadata);
  fuzz::expect(texts_of_metadata(metadata_of_texts(texts, 1000)).size() >= texts.size(),
               "texts that were read can be written");
}

}  // namespace unclip
