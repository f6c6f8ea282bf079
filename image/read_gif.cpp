#include "image/read_gif.h"

#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "image/over_white.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

/// Passes giflib the next bytes of the file.
int read_gif_bytes(GifFileType* file, GifByteType* out, int count) {
  auto& rest = *static_cast<std::string_view*>(file->UserData);
  const auto size = std::min(rest.size(), static_cast<size_t>(count));
  std::memcpy(out, rest.data(), size);
  rest.remove_prefix(size);
  return static_cast<int>(size);
}

/// Reads one GIF, up to its first frame.
/// CompuServe 1990, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
class GifReader {
 public:
  GifReader(std::string_view bytes, const std::string& name) : rest_(bytes), name_(name) {
    int error = 0;
    file_ = DGifOpen(&rest_, read_gif_bytes, &error);
    if (file_ == nullptr) fail_read(error);
  }
  ~GifReader() { DGifCloseFile(file_, nullptr); }
  GifReader(const GifReader&) = delete;
  GifReader& operator=(const GifReader&) = delete;

  at::Tensor read(const PictureLimits& limits);

 private:
  [[noreturn]] void fail_read(int error) const {
    const char* why = GifErrorString(error);
    fail(name_, ": is not a whole GIF file: ", why != nullptr ? why : "it has no frame");
  }
  void expect_done(int result) const {
    if (result != GIF_OK) fail_read(file_->Error);
  }
  void go_to_frame();
  void read_extension();
  void read_row(int64_t y, uint8_t* screen);
  void read_rows(uint8_t* screen);

  std::string_view rest_;
  const std::string& name_;
  GifFileType* file_;
  int transparent_ = NO_TRANSPARENT_COLOR;
  std::vector<GifPixelType> row_;
};

/// Reads the transparent colour of a graphics control extension; skips all other extensions.
void GifReader::read_extension() {
  int code = 0;
  GifByteType* block = nullptr;  // its size, then its bytes
  expect_done(DGifGetExtension(file_, &code, &block));
  while (block != nullptr) {
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4 &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent_ = control.TransparentColor;
    }
    expect_done(DGifGetExtensionNext(file_, &block));
  }
}

void GifReader::go_to_frame() {
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    expect_done(DGifGetRecordType(file_, &type));
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type == TERMINATE_RECORD_TYPE) fail(name_, ": is a GIF file without a frame");
    if (type == EXTENSION_RECORD_TYPE) read_extension();
  }
  expect_done(DGifGetImageDesc(file_));
}

/// Copies row y of the frame to the screen (H, W, 4), as far as it is within the screen.
void GifReader::read_row(int64_t y, uint8_t* screen) {
  const auto& frame = file_->Image;
  expect_done(DGifGetLine(file_, row_.data(), frame.Width));
  const auto* colours = frame.ColorMap != nullptr ? frame.ColorMap : file_->SColorMap;
  if (colours == nullptr) fail(name_, ": is a GIF file without colours");
  const int64_t screen_y = frame.Top + y;
  if (screen_y < 0 || screen_y >= file_->SHeight) return;
  for (int64_t x = 0; x < frame.Width; ++x) {
    const int64_t screen_x = frame.Left + x;
    const int index = row_[static_cast<size_t>(x)];
    if (screen_x < 0 || screen_x >= file_->SWidth || index == transparent_) continue;
    const GifColorType black = {};
    const auto& colour = index < colours->ColorCount ? colours->Colors[index] : black;
    auto* out = screen + 4 * (screen_y * file_->SWidth + screen_x);
    out[0] = colour.Red;
    out[1] = colour.Green;
    out[2] = colour.Blue;
    out[3] = 255;
  }
}

void GifReader::read_rows(uint8_t* screen) {
  const auto& frame = file_->Image;
  row_.resize(static_cast<size_t>(std::max<int64_t>(frame.Width, 1)));
  if (!frame.Interlace) {
    for (int64_t y = 0; y < frame.Height; ++y) read_row(y, screen);
    return;
  }
  struct Pass {
    int64_t first, step;
  };
  for (const auto& pass : {Pass{0, 8}, Pass{4, 8}, Pass{2, 4}, Pass{1, 2}}) {
    for (int64_t y = pass.first; y < frame.Height; y += pass.step) read_row(y, screen);
  }
}

at::Tensor GifReader::read(const PictureLimits& limits) {
  go_to_frame();
  // Many programs write a screen of size 0 or one that is too small; like browsers, use the frame's
  // size then.
  const auto& frame = file_->Image;
  file_->SHeight = std::max(file_->SHeight, frame.Top + frame.Height);
  file_->SWidth = std::max(file_->SWidth, frame.Left + frame.Width);
  check_limits(name_, file_->SHeight, file_->SWidth, limits);
  auto screen = ops::zeros({file_->SHeight, file_->SWidth, 4}, at::kByte);
  read_rows(screen.mutable_data_ptr<uint8_t>());
  return screen;
}

}  // namespace

DecodedImage decode_gif(std::string_view bytes, const std::string& name,
                        const PictureLimits& limits) {
  return {over_white(GifReader(bytes, name).read(limits)), {}};
}

}  // namespace unclip
