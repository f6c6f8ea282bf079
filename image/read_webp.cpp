#include "image/read_webp.h"

#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "base/error.h"
#include "image/over_white.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

struct WebpCloser {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

std::string chunk(const WebPDemuxer* demuxer, const char* fourcc) {
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(demuxer, fourcc, 1, &chunk) == 0) return "";
  std::string bytes(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
  WebPDemuxReleaseChunkIterator(&chunk);
  return bytes;
}

/// Decodes the first frame into rgba (H, W, 4), which has the size of the decoder's canvas.
bool decode_first_frame(const WebPData& data, const at::Tensor& rgba) {
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) return false;
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, WebpCloser> decoder(WebPAnimDecoderNew(&data, &options));
  uint8_t* frame = nullptr;  // the decoder's
  int milliseconds = 0;
  if (!decoder || WebPAnimDecoderGetNext(decoder.get(), &frame, &milliseconds) == 0) return false;
  std::memcpy(rgba.mutable_data_ptr(), frame, rgba.nbytes());
  return true;
}

bool decode_still(const WebPData& data, const at::Tensor& rgba) {
  return WebPDecodeRGBAInto(data.bytes, data.size, rgba.mutable_data_ptr<uint8_t>(), rgba.nbytes(),
                            static_cast<int>(4 * rgba.size(1))) != nullptr;
}

std::unique_ptr<WebPDemuxer, WebpCloser> open_webp(const WebPData& data, const std::string& name) {
  std::unique_ptr<WebPDemuxer, WebpCloser> demuxer(WebPDemux(&data));
  if (!demuxer) fail(name, ": is not a whole WebP file");
  return demuxer;
}

ImageMetadata metadata_of_webp(const WebPDemuxer* demuxer) {
  return {.orientation = {},
          .exif = chunk(demuxer, "EXIF"),
          .xmp = chunk(demuxer, "XMP "),
          .texts = {}};
}

}  // namespace

DecodedImage decode_webp(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits) {
  const WebPData data = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  const auto fail_read = [&] { fail(name, ": is not a whole WebP file"); };
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK) fail_read();
  check_limits(name, features.height, features.width, limits);
  const auto demuxer = open_webp(data, name);
  const auto rgba = ops::empty({features.height, features.width, 4}, at::kByte);
  const bool done =
      features.has_animation != 0 ? decode_first_frame(data, rgba) : decode_still(data, rgba);
  if (!done) fail_read();
  return {over_white(rgba), metadata_of_webp(demuxer.get())};
}

ImageMetadata decode_webp_metadata(std::string_view bytes, const std::string& name) {
  const WebPData data = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  return metadata_of_webp(open_webp(data, name).get());
}

}  // namespace unclip
