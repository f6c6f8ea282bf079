#include "image/exif.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(exif) {
  const auto orientation = exif_orientation(bytes);
  fuzz::expect(!orientation || (*orientation >= 1 && *orientation <= 8), "an orientation of EXIF");
  exif_user_comment(bytes);
}

}  // namespace unclip
