#include "image/rgba_png.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(rgba_png, "pictures/*.png") {
  const auto image = decode_rgba_png(bytes, "x");
  fuzz::expect(image.pixels.size() == size_t{4} * image.width * image.height, "RGBA of all pixels");
}

}  // namespace unclip
