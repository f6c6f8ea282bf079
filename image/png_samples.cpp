#include "image/png_samples.h"

#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "image/over_white.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr png_alloc_size_t kMostChunkBytes = 16 << 20;
// Deflate compresses by a factor of 1032 at most, so a header that promises more is rejected before
// any memory is allocated. https://zlib.net/zlib_tech.html
constexpr int64_t kMostCompression = 1032;

/// Reads one PNG. If a call of libpng fails, it longjmps past every destructor between the call and
/// setjmp; therefore everything that owns memory is a member of this class, and the functions that
/// call libpng have only trivial locals.
class PngFile {
 public:
  PngFile(std::string_view bytes, std::string name, const PictureLimits& limits);
  ~PngFile() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;

  PngSamples read_samples();
  ImageMetadata read_metadata();

 private:
  void start();
  bool read_header();
  bool expand();
  bool read_rows();
  bool read_end();
  void check_size() const;
  at::Tensor empty_rgba();
  std::string exif() const;
  std::vector<PngText> texts() const;
  ImageMetadata metadata() const {
    return {.orientation = {}, .exif = exif(), .xmp = "", .texts = texts()};
  }
  [[noreturn]] void fail_read() const { fail(name_, ": is not a whole PNG file: ", message_); }

  static void on_error(png_structp png, png_const_charp message) {
    auto* file = static_cast<PngFile*>(png_get_error_ptr(png));
    std::snprintf(file->message_, sizeof file->message_, "%s", message);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}
  static void read_bytes(png_structp png, png_bytep out, size_t count) {
    auto* file = static_cast<PngFile*>(png_get_io_ptr(png));
    if (count > file->bytes_.size() - file->next_) png_error(png, "it ends too early");
    std::memcpy(out, file->bytes_.data() + file->next_, count);
    file->next_ += count;
  }

  std::string_view bytes_;
  size_t next_ = 0;  // offset of the first unread byte
  std::string name_;
  PictureLimits limits_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<png_bytep> rows_;
  char message_[200] = "";
};

PngFile::PngFile(std::string_view bytes, std::string name, const PictureLimits& limits)
    : bytes_(bytes), name_(std::move(name)), limits_(limits) {
  const auto* first = reinterpret_cast<png_const_bytep>(bytes.data());
  if (bytes.size() < 8 || png_sig_cmp(first, 0, 8) != 0) fail(name_, ": is not a PNG file");
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  info_ = png_ ? png_create_info_struct(png_) : nullptr;
}

void PngFile::start() {
  TORCH_CHECK(info_ != nullptr, "libpng cannot start");
  if (!read_header()) fail_read();
  check_size();
  if (!expand()) fail_read();
}

bool PngFile::read_header() {
  if (setjmp(png_jmpbuf(png_))) return false;
  png_set_read_fn(png_, this, read_bytes);
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size() has our limits
  png_set_chunk_malloc_max(png_, kMostChunkBytes);
  png_set_benign_errors(png_, 1);
  png_read_info(png_, info_);
  return true;
}

void PngFile::check_size() const {
  const int64_t height = png_get_image_height(png_, info_);
  check_limits(name_, height, png_get_image_width(png_, info_), limits_);
  // The bytes of all rows before compression.
  const auto bytes = height * static_cast<int64_t>(png_get_rowbytes(png_, info_));
  if (bytes / kMostCompression > static_cast<int64_t>(bytes_.size())) {
    fail(name_, ": is not a whole PNG file: it is too short for its size in pixels");
  }
}

bool PngFile::expand() {
  if (setjmp(png_jmpbuf(png_))) return false;
  png_set_expand(png_);
  png_set_gray_to_rgb(png_);
  png_set_add_alpha(png_, 0xffff, PNG_FILLER_AFTER);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
  png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
  return true;
}

bool PngFile::read_rows() {
  if (setjmp(png_jmpbuf(png_))) return false;
  png_read_image(png_, rows_.data());
  png_read_end(png_, info_);
  return true;
}

bool PngFile::read_end() {
  if (setjmp(png_jmpbuf(png_))) return false;
  png_read_end(png_, info_);
  return true;
}

/// A new tensor (H, W, 4); `rows_` then points to its rows.
at::Tensor PngFile::empty_rgba() {
  const int64_t height = png_get_image_height(png_, info_);
  const int64_t width = png_get_image_width(png_, info_);
  const auto dtype = png_get_bit_depth(png_, info_) == 16 ? at::kUInt16 : at::kByte;
  auto rgba = ops::empty({height, width, 4}, dtype);
  const size_t row = png_get_rowbytes(png_, info_);
  TORCH_CHECK(rgba.nbytes() == row * static_cast<size_t>(height), "libpng has rows of ", row);
  auto* first = static_cast<png_bytep>(rgba.mutable_data_ptr());
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) rows_.push_back(first + y * row);
  return rgba;
}

std::string PngFile::exif() const {
  png_uint_32 size = 0;
  png_bytep first = nullptr;
  if (png_get_eXIf_1(png_, info_, &size, &first) == 0) return {};
  return {reinterpret_cast<const char*>(first), size};
}

std::vector<PngText> PngFile::texts() const {
  png_textp found = nullptr;
  int count = 0;
  png_get_text(png_, info_, &found, &count);
  std::vector<PngText> texts;
  for (int i = 0; i < count; ++i) {
    const bool utf8 = found[i].compression >= PNG_ITXT_COMPRESSION_NONE;
    const std::string text(found[i].text, utf8 ? found[i].itxt_length : found[i].text_length);
    texts.push_back({utf8_from_latin1(found[i].key), utf8 ? text : utf8_from_latin1(text)});
  }
  return texts;
}

PngSamples PngFile::read_samples() {
  start();
  auto rgba = empty_rgba();
  if (!read_rows()) fail_read();
  return {std::move(rgba), metadata()};
}

ImageMetadata PngFile::read_metadata() {
  start();
  if (!read_end()) fail_read();
  return metadata();
}

}  // namespace

PngSamples decode_png_samples(std::string_view bytes, const std::string& name,
                              const PictureLimits& limits) {
  return PngFile(bytes, name, limits).read_samples();
}

ImageMetadata decode_png_metadata(std::string_view bytes, const std::string& name,
                                  const PictureLimits& limits) {
  return PngFile(bytes, name, limits).read_metadata();
}

DecodedImage decode_png(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits) {
  auto [rgba, metadata] = decode_png_samples(bytes, name, limits);
  return {over_white(rgba), std::move(metadata)};
}

}  // namespace unclip
