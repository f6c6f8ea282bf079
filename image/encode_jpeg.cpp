#include "image/encode_jpeg.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

// Must follow cstdio, which libjpeg's header needs.
#include <jpeglib.h>

#include "image/image_texts.h"
#include "image/jpeg_segments.h"
#include "image/png.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr int kFullColourQuality = 90;
constexpr size_t kExifPrefix = 6;

/// Writes one JPEG. If a call of libjpeg fails, it longjmps past every destructor between the call
/// and setjmp; therefore everything that owns memory is a member of this class.
class JpegWriter {
 public:
  JpegWriter(std::vector<uint8_t> pixels, int64_t height, int64_t width, int quality,
             std::vector<std::string> segments)
      : pixels_(std::move(pixels)),
        segments_(std::move(segments)),
        height_(static_cast<JDIMENSION>(height)),
        width_(static_cast<JDIMENSION>(width)),
        quality_(quality) {}
  ~JpegWriter() {
    jpeg_destroy_compress(&jpeg_);
    std::free(bytes_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  std::string write() {
    const bool done = write_all();
    TORCH_CHECK(done, "libjpeg: ", message_);
    return {reinterpret_cast<const char*>(bytes_), size_};
  }

 private:
  static void on_error(j_common_ptr jpeg) {
    auto* writer = static_cast<JpegWriter*>(jpeg->client_data);
    jpeg->err->format_message(jpeg, writer->message_);
    std::longjmp(writer->failed_, 1);
  }

  bool write_all() {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    jpeg_.client_data = this;
    if (setjmp(failed_)) return false;
    jpeg_create_compress(&jpeg_);
    jpeg_mem_dest(&jpeg_, &bytes_, &size_);
    start();
    for (const auto& segment : segments_) {
      jpeg_write_marker(&jpeg_, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(segment.data()),
                        static_cast<unsigned>(segment.size()));
    }
    while (jpeg_.next_scanline < jpeg_.image_height) {
      JSAMPROW row = pixels_.data() + size_t{3} * width_ * jpeg_.next_scanline;
      jpeg_write_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_compress(&jpeg_);
    return true;
  }

  void start() {
    jpeg_.image_height = height_;
    jpeg_.image_width = width_;
    jpeg_.input_components = 3;
    jpeg_.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg_);
    jpeg_set_quality(&jpeg_, quality_, /*force_baseline=*/TRUE);
    jpeg_.optimize_coding = TRUE;
    if (quality_ >= kFullColourQuality) {
      jpeg_.comp_info[0].h_samp_factor = jpeg_.comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(&jpeg_, TRUE);
  }

  std::vector<uint8_t> pixels_;  // (H, W, 3)
  std::vector<std::string> segments_;
  JDIMENSION height_, width_;
  int quality_;
  jpeg_compress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf failed_;
  char message_[JMSG_LENGTH_MAX] = "";
  unsigned char* bytes_ = nullptr;  // allocated by malloc
  unsigned long size_ = 0;
};

}  // namespace

std::string encode_jpeg(const at::Tensor& image, const std::vector<PngText>& texts, int quality) {
  TORCH_CHECK(quality >= 1 && quality <= 100, "encode_jpeg: quality is ", quality);
  const auto metadata = metadata_of_texts(texts, kMostSegmentBytes - kExifPrefix);
  return JpegWriter(to_8bit(image), image.size(1), image.size(2), quality,
                    segments_of_metadata(metadata))
      .write();
}

}  // namespace unclip
