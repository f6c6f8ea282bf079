#include "image/encode_webp.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include <memory>

#include "image/image_texts.h"
#include "image/png.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr int kLossless = 100;
constexpr int kLosslessEffort = 6;      // from 0 to 9
constexpr size_t kMostExif = 16 << 20;  // a chunk may have 4 GiB, but readers allocate all of it

void expect_done(bool done, const char* what) { TORCH_CHECK(done, "libwebp: ", what, " failed"); }

struct Picture : WebPPicture {
  Picture() { expect_done(WebPPictureInit(this) != 0, "WebPPictureInit"); }
  ~Picture() { WebPPictureFree(this); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
};

struct Writer : WebPMemoryWriter {
  Writer() { WebPMemoryWriterInit(this); }
  ~Writer() { WebPMemoryWriterClear(this); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
};

WebPConfig config_of(int quality) {
  WebPConfig config;
  expect_done(WebPConfigInit(&config) != 0, "WebPConfigInit");
  config.quality = static_cast<float>(quality);
  if (quality == kLossless) {
    expect_done(WebPConfigLosslessPreset(&config, kLosslessEffort) != 0, "its preset");
  }
  return config;
}

std::string encode_pixels(const at::Tensor& image, int quality) {
  const auto rgb = to_8bit(image);
  const auto config = config_of(quality);
  Picture picture;
  Writer writer;
  picture.height = static_cast<int>(image.size(1));
  picture.width = static_cast<int>(image.size(2));
  picture.use_argb = quality == kLossless ? 1 : 0;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  expect_done(WebPPictureImportRGB(&picture, rgb.data(), 3 * picture.width) != 0, "the import");
  const int done = WebPEncode(&config, &picture);
  TORCH_CHECK(done != 0, "libwebp: error ", static_cast<int>(picture.error_code));
  return {reinterpret_cast<const char*>(writer.mem), writer.size};
}

WebPData data_of(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string encode_webp(const at::Tensor& image, const std::vector<PngText>& texts, int quality) {
  TORCH_CHECK(quality >= 1 && quality <= 100, "encode_webp: quality is ", quality);
  const auto pixels = encode_pixels(image, quality);
  if (texts.empty()) return pixels;
  const auto metadata = metadata_of_texts(texts, kMostExif);
  const std::unique_ptr<WebPMux, void (*)(WebPMux*)> mux(WebPMuxNew(), WebPMuxDelete);
  const auto pixel_data = data_of(pixels), exif = data_of(metadata.exif),
             xmp = data_of(metadata.xmp);
  expect_done(WebPMuxSetImage(mux.get(), &pixel_data, /*copy_data=*/0) == WEBP_MUX_OK, "WebPMux");
  if (exif.size > 0) {
    expect_done(WebPMuxSetChunk(mux.get(), "EXIF", &exif, 0) == WEBP_MUX_OK, "WebPMux");
  }
  expect_done(WebPMuxSetChunk(mux.get(), "XMP ", &xmp, 0) == WEBP_MUX_OK, "WebPMux");
  WebPData file;
  expect_done(WebPMuxAssemble(mux.get(), &file) == WEBP_MUX_OK, "WebPMuxAssemble");
  std::string bytes(reinterpret_cast<const char*>(file.bytes), file.size);
  WebPDataClear(&file);
  return bytes;
}

}  // namespace unclip
