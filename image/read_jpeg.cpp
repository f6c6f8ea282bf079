#include "image/read_jpeg.h"

#include <csetjmp>
#include <cstdio>
#include <vector>

// The order matters: libjpeg's headers need cstdio, and jerror.h needs jpeglib.h.
#include <jpeglib.h>

#include <jerror.h>

#include "base/error.h"
#include "image/jpeg_segments.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr int kMetadataMarker = JPEG_APP0 + 1;
// Each scan of a progressive file passes over the whole image and may be only a few bytes long;
// encoders write about ten.
constexpr int kMostScans = 500;

/// Whether a warning says that a part of the image is lost. Other warnings, such as bytes between
/// two segments, are common and harmless.
bool is_damage(int warning) {
  switch (warning) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
      return true;
    default:
      return false;
  }
}

/// Reads one JPEG. If a call of libjpeg fails, it longjmps past every destructor between the call
/// and setjmp; therefore everything that owns memory is a member of this class, and the functions
/// that call libjpeg have only trivial locals.
class JpegFile {
 public:
  JpegFile(std::string_view bytes, std::string name, const PictureLimits& limits)
      : bytes_(bytes), name_(std::move(name)), limits_(limits) {}
  ~JpegFile() { jpeg_destroy_decompress(&jpeg_); }
  JpegFile(const JpegFile&) = delete;
  JpegFile& operator=(const JpegFile&) = delete;

  DecodedImage read();
  ImageMetadata read_metadata();

 private:
  bool read_header();
  bool read_rows();
  void check_header() const;
  void put_row();
  ImageMetadata metadata() const;
  [[noreturn]] void fail_read() const { fail(name_, ": cannot be read as JPEG: ", message_); }

  static JpegFile* of(j_common_ptr jpeg) { return static_cast<JpegFile*>(jpeg->client_data); }
  static void on_error(j_common_ptr jpeg) {
    jpeg->err->format_message(jpeg, of(jpeg)->message_);
    std::longjmp(of(jpeg)->failed_, 1);
  }
  static void on_message(j_common_ptr jpeg, int level) {
    if (level < 0 && is_damage(jpeg->err->msg_code)) on_error(jpeg);
  }
  static void on_progress(j_common_ptr jpeg) {
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMostScans) return;
    std::snprintf(of(jpeg)->message_, JMSG_LENGTH_MAX, "it has more than %d scans", kMostScans);
    std::longjmp(of(jpeg)->failed_, 1);
  }

  std::string_view bytes_;
  std::string name_;
  PictureLimits limits_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf failed_;
  char message_[JMSG_LENGTH_MAX] = "";
  at::Tensor rgb_;            // (3, H, W)
  uint8_t* first_ = nullptr;  // of its bytes
  std::vector<JSAMPLE> row_;  // W x 3, or W x 4 of CMYK
};

bool JpegFile::read_header() {
  jpeg_.err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  jpeg_.client_data = this;
  if (setjmp(failed_)) return false;
  jpeg_create_decompress(&jpeg_);
  progress_.progress_monitor = on_progress;
  jpeg_.progress = &progress_;
  jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
  jpeg_save_markers(&jpeg_, kMetadataMarker, 0xffff);
  jpeg_read_header(&jpeg_, TRUE);
  jpeg_.out_color_space = jpeg_.num_components == 4 ? JCS_CMYK : JCS_RGB;
  return true;
}

void JpegFile::check_header() const {
  check_limits(name_, jpeg_.image_height, jpeg_.image_width, limits_);
  const int colors = jpeg_.num_components;
  if (colors != 1 && colors != 3 && colors != 4) {
    fail(name_, ": expected a JPEG of 1, 3 or 4 colours, found ", colors);
  }
  if (jpeg_.arith_code) return;
  // A Huffman code has at least one bit, and each block of 8x8 samples begins with one, so a header
  // that promises too many is rejected before any memory is allocated.
  int64_t blocks = 0;
  for (int c = 0; c < colors; ++c) {
    blocks += int64_t{jpeg_.comp_info[c].width_in_blocks} * jpeg_.comp_info[c].height_in_blocks;
  }
  if (blocks / 8 > static_cast<int64_t>(bytes_.size())) {
    fail(name_, ": is not a whole JPEG file: it is too short for its size in pixels");
  }
}

/// Copies the row that was read last into the three planes.
void JpegFile::put_row() {
  const int64_t width = jpeg_.output_width;
  const int64_t plane = width * jpeg_.output_height;
  uint8_t* out = first_ + width * (jpeg_.output_scanline - 1);
  const JSAMPLE* pixel = row_.data();
  if (jpeg_.output_components == 3) {
    for (int64_t x = 0; x < width; ++x, pixel += 3) {
      for (int64_t c = 0; c < 3; ++c) out[c * plane + x] = pixel[c];
    }
    return;
  }
  // Like Pillow, assumes that the file holds what Adobe writes, 255 - ink, whether it says so or
  // not, and lets ink and black absorb light one after the other.
  for (int64_t x = 0; x < width; ++x, pixel += 4) {
    for (int64_t c = 0; c < 3; ++c) {
      out[c * plane + x] = static_cast<uint8_t>((pixel[c] * pixel[3] + 127) / 255);
    }
  }
}

bool JpegFile::read_rows() {
  if (setjmp(failed_)) return false;
  jpeg_start_decompress(&jpeg_);
  while (jpeg_.output_scanline < jpeg_.output_height) {
    JSAMPROW row = row_.data();
    jpeg_read_scanlines(&jpeg_, &row, 1);
    put_row();
  }
  jpeg_finish_decompress(&jpeg_);
  return true;
}

ImageMetadata JpegFile::metadata() const {
  std::vector<std::string_view> segments;
  for (const auto* marker = jpeg_.marker_list; marker != nullptr; marker = marker->next) {
    segments.emplace_back(reinterpret_cast<const char*>(marker->data), marker->data_length);
  }
  return metadata_of_segments(segments);
}

DecodedImage JpegFile::read() {
  if (!read_header()) fail_read();
  check_header();
  auto found = metadata();  // libjpeg frees the segments after the last row
  const int64_t height = jpeg_.image_height;
  const int64_t width = jpeg_.image_width;
  rgb_ = ops::empty({3, height, width}, at::kByte);
  first_ = rgb_.mutable_data_ptr<uint8_t>();
  row_.resize(static_cast<size_t>(width * (jpeg_.num_components == 4 ? 4 : 3)));
  if (!read_rows()) fail_read();
  return {rgb_, std::move(found)};
}

ImageMetadata JpegFile::read_metadata() {
  if (!read_header()) fail_read();
  check_header();
  return metadata();
}

}  // namespace

DecodedImage decode_jpeg(std::string_view bytes, const std::string& name,
                         const PictureLimits& limits) {
  return JpegFile(bytes, name, limits).read();
}

ImageMetadata decode_jpeg_metadata(std::string_view bytes, const std::string& name,
                                   const PictureLimits& limits) {
  return JpegFile(bytes, name, limits).read_metadata();
}

}  // namespace unclip
