#include "image/read_heif.h"

#include <libheif/heif.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "image/over_white.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

struct HeifCloser {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
};

/// Reads one AVIF or HEIC.
class HeifReader {
 public:
  HeifReader(std::string_view bytes, const std::string& name, const PictureLimits& limits)
      : name_(name), limits_(limits), context_(heif_context_alloc()) {
    TORCH_CHECK(context_ != nullptr, "libheif cannot start");
    heif_context_set_maximum_image_size_limit(context_.get(), static_cast<int>(limits.side));
    heif_context_set_max_decoding_threads(context_.get(), 0);
    expect_done(heif_context_read_from_memory_without_copy(context_.get(), bytes.data(),
                                                           bytes.size(), nullptr));
  }

  /// -> (H, W, 4) uint8
  at::Tensor read() {
    heif_image_handle* handle = nullptr;
    expect_done(heif_context_get_primary_image_handle(context_.get(), &handle));
    const std::unique_ptr<heif_image_handle, HeifCloser> owned_handle(handle);
    check_limits(name_, heif_image_handle_get_height(handle), heif_image_handle_get_width(handle),
                 limits_);
    heif_image* image = nullptr;
    expect_done(heif_decode_image(handle, &image, heif_colorspace_RGB, heif_chroma_interleaved_RGBA,
                                  nullptr));
    const std::unique_ptr<heif_image, HeifCloser> owned_image(image);
    return copy_rows(image);
  }

 private:
  void expect_done(const heif_error& error) const {
    if (error.code == heif_error_Ok) return;
    const std::string_view message = error.message;  // one line or more
    fail(name_, ": cannot be read as HEIF: ", message.substr(0, message.find('\n')));
  }

  at::Tensor copy_rows(const heif_image* image) const {
    const int64_t height = heif_image_get_height(image, heif_channel_interleaved);
    const int64_t width = heif_image_get_width(image, heif_channel_interleaved);
    int stride = 0;
    const auto* rows = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    check_limits(name_, height, width, limits_);
    if (rows == nullptr || stride < 4 * width) fail(name_, ": cannot be read as HEIF: no pixels");
    auto rgba = ops::empty({height, width, 4}, at::kByte);
    auto* out = rgba.mutable_data_ptr<uint8_t>();
    for (int64_t y = 0; y < height; ++y) {
      std::memcpy(out + 4 * y * width, rows + y * stride, static_cast<size_t>(4 * width));
    }
    return rgba;
  }

  const std::string& name_;
  PictureLimits limits_;
  std::unique_ptr<heif_context, HeifCloser> context_;
};

}  // namespace

DecodedImage decode_heif(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits) {
  return {over_white(HeifReader(bytes, name, limits).read()), {}};
}

}  // namespace unclip
