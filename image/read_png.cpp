#include <ATen/ATen.h>
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstdio>
#include <limits>
#include <memory>

#include "core/error.h"
#include "image/png.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

constexpr png_uint_32 kMostRows = 16384;
constexpr int64_t kMostPixels = int64_t{1} << 26;
constexpr png_alloc_size_t kMostChunkBytes = 16 << 20;
// Deflate makes nothing more than 1032 times as small, so a header that promises more than that
// is found out before any memory is asked for. https://zlib.net/zlib_tech.html
constexpr int64_t kMostCompression = 1032;

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// One PNG being read. libpng leaves a failing call by longjmp, past every destructor between the
/// call and setjmp; so whatever owns memory is a member here, and the functions that call libpng
/// have trivial locals alone.
class PngFile {
 public:
  explicit PngFile(const fs::path& path);
  ~PngFile() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;

  /// (3, H, W)
  at::Tensor read_image();
  std::vector<PngText> read_texts();

 private:
  void start();
  bool read_header();
  bool read_rows();
  bool read_end();
  void check_size() const;
  template <class Sample>
  at::Tensor over_white() const;
  [[noreturn]] void fail_read() const { fail(path_, ": is not a whole PNG file: ", message_); }

  static void on_error(png_structp png, png_const_charp message) {
    auto* file = static_cast<PngFile*>(png_get_error_ptr(png));
    std::snprintf(file->message_, sizeof file->message_, "%s", message);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  fs::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int64_t packed_bytes_ = 0;     // of all rows, as they lie in the file
  std::vector<png_byte> bytes_;  // H rows of W x 4 samples
  std::vector<png_bytep> rows_;
  char message_[200] = "";
};

PngFile::PngFile(const fs::path& path) : path_(path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) fail(path, ": is not a file that can be read");
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) fail(path, ": cannot be read");
  png_byte signature[8] = {};
  if (std::fread(signature, 1, 8, file_.get()) != 8 || png_sig_cmp(signature, 0, 8) != 0) {
    fail(path, ": is not a PNG file");
  }
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  info_ = png_ ? png_create_info_struct(png_) : nullptr;
}

void PngFile::start() {
  TORCH_CHECK(info_ != nullptr, "libpng cannot start");
  if (!read_header()) fail_read();
  check_size();
}

bool PngFile::read_header() {
  if (setjmp(png_jmpbuf(png_))) return false;
  png_init_io(png_, file_.get());
  png_set_sig_bytes(png_, 8);
  png_set_user_limits(png_, kMostRows, kMostRows);
  png_set_chunk_malloc_max(png_, kMostChunkBytes);
  png_set_benign_errors(png_, 1);
  png_read_info(png_, info_);
  packed_bytes_ = int64_t{png_get_image_height(png_, info_)} *
                  static_cast<int64_t>(png_get_rowbytes(png_, info_));
  png_set_expand(png_);
  png_set_gray_to_rgb(png_);
  png_set_add_alpha(png_, 0xffff, PNG_FILLER_AFTER);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png_);
  png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
  return true;
}

void PngFile::check_size() const {
  const int64_t pixels =
      int64_t{png_get_image_height(png_, info_)} * png_get_image_width(png_, info_);
  if (pixels > kMostPixels) {
    fail(path_, ": has ", pixels, " pixels; at most ", kMostPixels, " are read");
  }
  std::error_code ignored;
  if (packed_bytes_ / kMostCompression > static_cast<int64_t>(fs::file_size(path_, ignored))) {
    fail(path_, ": is not a whole PNG file: it is too short for its size in pixels");
  }
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

template <class Sample>
at::Tensor PngFile::over_white() const {
  const int64_t height = png_get_image_height(png_, info_);
  const int64_t width = png_get_image_width(png_, info_);
  constexpr float kMost = std::numeric_limits<Sample>::max();
  auto image = at::empty({3, height, width}, at::kFloat);
  auto* out = image.mutable_data_ptr<float>();
  for (int64_t y = 0; y < height; ++y) {
    const auto* pixel = reinterpret_cast<const Sample*>(rows_[static_cast<size_t>(y)]);
    for (int64_t x = 0; x < width; ++x, pixel += 4) {
      const float alpha = pixel[3] / kMost;
      for (int64_t c = 0; c < 3; ++c) {
        out[(c * height + y) * width + x] = alpha * (pixel[c] / kMost) + (1 - alpha);
      }
    }
  }
  return image;
}

at::Tensor PngFile::read_image() {
  start();
  const size_t row = png_get_rowbytes(png_, info_);
  const size_t height = png_get_image_height(png_, info_);
  bytes_.resize(row * height);
  for (size_t y = 0; y < height; ++y) rows_.push_back(bytes_.data() + y * row);
  if (!read_rows()) fail_read();
  return png_get_bit_depth(png_, info_) == 16 ? over_white<uint16_t>() : over_white<uint8_t>();
}

std::vector<PngText> PngFile::read_texts() {
  start();
  if (!read_end()) fail_read();
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

}  // namespace

at::Tensor read_png(const fs::path& path) { return PngFile(path).read_image(); }

std::vector<PngText> read_png_text(const fs::path& path) { return PngFile(path).read_texts(); }

}  // namespace unclip
