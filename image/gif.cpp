#include "image/gif.h"

#include <gif_lib.h>

#include <cmath>

#include "image/palette.h"
#include "image/png.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

int append_bytes(GifFileType* file, const GifByteType* bytes, int size) {
  static_cast<std::string*>(file->UserData)
      ->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  return size;
}

/// Writes one GIF89a. CompuServe 1990, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
class GifWriter {
 public:
  GifWriter(int height, int width) : height_(height), width_(width) {
    int error = 0;
    file_ = EGifOpen(&bytes_, append_bytes, &error);
    TORCH_CHECK(file_ != nullptr, "giflib: error ", error);
    EGifSetGifVersion(file_, /*gif89=*/true);
  }
  ~GifWriter() {
    if (file_ != nullptr) EGifCloseFile(file_, nullptr);
  }
  GifWriter(const GifWriter&) = delete;
  GifWriter& operator=(const GifWriter&) = delete;

  void begin();
  void add(const PalettePicture& frame, int hundredths);
  std::string finish();

 private:
  void expect_done(int result) const {
    TORCH_CHECK(result == GIF_OK, "giflib: error ", file_->Error);
  }

  int height_, width_;
  std::string bytes_;
  GifFileType* file_ = nullptr;
};

void GifWriter::begin() {
  expect_done(EGifPutScreenDesc(file_, width_, height_, /*GifColorRes=*/8, /*GifBackGround=*/0,
                                /*GifColorMap=*/nullptr));
  // Netscape's extension: 1, then the number of repetitions in two bytes, 0 for an endless loop.
  const unsigned char for_ever[] = {1, 0, 0};
  expect_done(EGifPutExtensionLeader(file_, APPLICATION_EXT_FUNC_CODE));
  expect_done(EGifPutExtensionBlock(file_, 11, "NETSCAPE2.0"));
  expect_done(EGifPutExtensionBlock(file_, sizeof for_ever, for_ever));
  expect_done(EGifPutExtensionTrailer(file_));
}

void GifWriter::add(const PalettePicture& frame, int hundredths) {
  const GraphicsControlBlock control = {DISPOSE_DO_NOT, /*UserInputFlag=*/false, hundredths,
                                        NO_TRANSPARENT_COLOR};
  GifByteType extension[4];
  EGifGCBToExtension(&control, extension);
  expect_done(EGifPutExtension(file_, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension));

  GifColorType colours[256] = {};
  for (size_t i = 0; i < frame.colours.size(); ++i) {
    colours[i] = {frame.colours[i][0], frame.colours[i][1], frame.colours[i][2]};
  }
  // The size of a colour map is a power of two.
  const int size = 1 << GifBitSize(static_cast<int>(frame.colours.size()));
  ColorMapObject map = {size, GifBitSize(size), /*SortFlag=*/false, colours};
  expect_done(EGifPutImageDesc(file_, 0, 0, width_, height_, /*GifInterlace=*/false, &map));
  auto pixels = frame.pixels;
  expect_done(EGifPutLine(file_, pixels.data(), static_cast<int>(pixels.size())));
}

std::string GifWriter::finish() {
  int error = 0;
  const int result = EGifCloseFile(file_, &error);
  file_ = nullptr;
  TORCH_CHECK(result == GIF_OK, "giflib: error ", error);
  return std::move(bytes_);
}

}  // namespace

std::string encode_gif(const std::vector<at::Tensor>& frames, const GifOptions& options) {
  TORCH_CHECK(!frames.empty(), "encode_gif: there is no frame");
  TORCH_CHECK(options.seconds >= kLeastGifSeconds && options.seconds <= kMostGifSeconds,
              "encode_gif: a frame of ", options.seconds, " s");
  const auto size = frames.front().sizes();
  GifWriter gif(static_cast<int>(size[1]), static_cast<int>(size[2]));
  gif.begin();
  for (const auto& frame : frames) {
    TORCH_CHECK(frame.sizes() == size, "encode_gif: a frame is ", frame.sizes(), ", the first ",
                size);
    gif.add(with_palette(to_uint8(frame)), static_cast<int>(std::lround(100 * options.seconds)));
  }
  return gif.finish();
}

std::filesystem::path write_gif(const std::filesystem::path& path,
                                const std::vector<at::Tensor>& frames, const GifOptions& options,
                                WriteMode mode) {
  return write_file(path, encode_gif(frames, options), mode);
}

}  // namespace unclip
