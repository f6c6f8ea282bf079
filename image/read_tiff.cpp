#include "image/read_tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "base/error.h"
#include "image/exif.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr tmsize_t kMostAllocation = 1 << 30;  // bytes of one allocation by libtiff

struct TiffCloser {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

/// The bytes that libtiff reads, and its first error message.
struct Source {
  std::string_view bytes;
  uint64_t next = 0;
  char message[200] = "";
};

Source& source(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t read_tiff_bytes(thandle_t handle, void* out, tmsize_t count) {
  auto& from = source(handle);
  if (from.next >= from.bytes.size() || count <= 0) return 0;
  const auto size = std::min<uint64_t>(static_cast<uint64_t>(count), from.bytes.size() - from.next);
  std::memcpy(out, from.bytes.data() + from.next, size);
  from.next += size;
  return static_cast<tmsize_t>(size);
}

tmsize_t write_bytes(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& from = source(handle);
  const auto begin = whence == SEEK_CUR ? from.next : whence == SEEK_END ? from.bytes.size() : 0;
  return from.next = begin + offset;
}

int close_nothing(thandle_t) { return 0; }
toff_t source_size(thandle_t handle) { return source(handle).bytes.size(); }

int on_error(TIFF*, void* data, const char*, const char* format, va_list arguments) {
  auto* from = static_cast<Source*>(data);
  if (from->message[0] == '\0') {
    std::vsnprintf(from->message, sizeof from->message, format, arguments);
  }
  return 1;
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

std::unique_ptr<TIFF, TiffCloser> open_tiff(Source& from) {
  const std::unique_ptr<TIFFOpenOptions, TiffCloser> options(TIFFOpenOptionsAlloc());
  if (!options) return nullptr;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &from);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &from);
  // m: libtiff must not map the file.
  return std::unique_ptr<TIFF, TiffCloser>(
      TIFFClientOpenExt("image", "rm", &from, read_tiff_bytes, write_bytes, seek, close_nothing,
                        source_size, nullptr, nullptr, options.get()));
}

/// Reads the pixels as libtiff packs them, multiplied by alpha, with rows in the file's order.
bool read_raster(TIFF* tiff, std::vector<uint32_t>& raster, char (&message)[1024]) {
  TIFFRGBAImage image;
  if (TIFFRGBAImageBegin(&image, tiff, /*stop=*/1, message) == 0) return false;
  image.req_orientation = image.orientation;  // otherwise it would apply half of the orientations
  const bool done = TIFFRGBAImageGet(&image, raster.data(), image.width, image.height) != 0;
  TIFFRGBAImageEnd(&image);
  return done;
}

/// Premultiplied raster -> (3, H, W) over white
at::Tensor raster_over_white(const std::vector<uint32_t>& raster, int64_t height, int64_t width) {
  auto rgb = ops::empty({3, height, width}, at::kByte);
  auto* out = rgb.mutable_data_ptr<uint8_t>();
  const auto pixels = height * width;
  for (int64_t i = 0; i < pixels; ++i) {
    const auto pixel = raster[static_cast<size_t>(i)];
    const uint32_t white = 255 - TIFFGetA(pixel);
    out[i] = static_cast<uint8_t>(std::min<uint32_t>(255, TIFFGetR(pixel) + white));
    out[pixels + i] = static_cast<uint8_t>(std::min<uint32_t>(255, TIFFGetG(pixel) + white));
    out[2 * pixels + i] = static_cast<uint8_t>(std::min<uint32_t>(255, TIFFGetB(pixel) + white));
  }
  return rgb;
}

std::string xmp_of(TIFF* tiff) {
  uint32_t size = 0;
  const char* first = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_XMLPACKET, &size, &first) == 0 || first == nullptr) return "";
  return {first, size};
}

}  // namespace

DecodedImage decode_tiff(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits) {
  Source from{.bytes = bytes};
  const auto fail_read = [&](const char* why) {
    fail(name, ": cannot be read as TIFF: ", from.message[0] != '\0' ? from.message : why);
  };
  const auto tiff = open_tiff(from);
  if (!tiff) fail_read("it has no directory");
  uint32_t height = 0, width = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  check_limits(name, height, width, limits);
  std::vector<uint32_t> raster(size_t{height} * width);
  char message[1024] = "";
  if (!read_raster(tiff.get(), raster, message)) fail_read(message);
  return {
      raster_over_white(raster, height, width),
      {.orientation = exif_orientation(bytes), .exif = "", .xmp = xmp_of(tiff.get()), .texts = {}}};
}

}  // namespace unclip
