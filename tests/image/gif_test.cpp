#include "image/gif.h"

#include <ATen/ATen.h>
#include <gif_lib.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

#include "base/error.h"
#include "image/palette.h"
#include "image/png.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryFolder;

struct Decoded {
  std::vector<at::Tensor> frames;  // (3, H, W) uint8
  std::vector<int> delays;         // in hundredths of a second
  std::string extensions;          // of applications, before the first frame
};

int read_bytes(GifFileType* file, GifByteType* out, int size) {
  auto& rest = *static_cast<std::string_view*>(file->UserData);
  const auto n = std::min(rest.size(), static_cast<size_t>(size));
  std::memcpy(out, rest.data(), n);
  rest.remove_prefix(n);
  return static_cast<int>(n);
}

at::Tensor pixels_of(const SavedImage& saved) {
  const auto& d = saved.ImageDesc;
  auto image = at::empty({3, d.Height, d.Width}, at::kByte);
  auto* out = image.mutable_data_ptr<uint8_t>();
  const int size = d.Height * d.Width;
  for (int i = 0; i < size; ++i) {
    const auto& colour = d.ColorMap->Colors[saved.RasterBits[i]];
    out[i] = colour.Red;
    out[size + i] = colour.Green;
    out[2 * size + i] = colour.Blue;
  }
  return image;
}

/// By giflib.
Decoded decoded(std::string_view bytes) {
  int error = 0;
  auto* file = DGifOpen(&bytes, read_bytes, &error);
  Decoded result;
  if (file == nullptr || DGifSlurp(file) != GIF_OK) {
    ADD_FAILURE() << "no GIF: " << error;
    return result;
  }
  for (int i = 0; i < file->ImageCount; ++i) {
    const auto& saved = file->SavedImages[i];
    result.frames.push_back(pixels_of(saved));
    GraphicsControlBlock control;
    EXPECT_EQ(DGifSavedExtensionToGCB(file, i, &control), GIF_OK);
    EXPECT_EQ(control.TransparentColor, NO_TRANSPARENT_COLOR);
    result.delays.push_back(control.DelayTime);
    for (int k = 0; k < saved.ExtensionBlockCount; ++k) {
      const auto& block = saved.ExtensionBlocks[k];
      if (block.Function == GRAPHICS_EXT_FUNC_CODE) continue;
      result.extensions.append(reinterpret_cast<const char*>(block.Bytes),
                               static_cast<size_t>(block.ByteCount));
    }
  }
  DGifCloseFile(file, &error);
  return result;
}

/// What differs from frame to frame, in 64 colours.
at::Tensor few_colours(int64_t number) {
  auto image = at::arange(3 * 20 * 30).reshape({3, 20, 30}) * (number + 1);
  return (image.remainder(4) * 85).to(at::kByte);
}

double signal_to_noise(const at::Tensor& a, const at::Tensor& b) {
  const auto error = (a.to(at::kDouble) - b.to(at::kDouble)).square().mean().item<double>();
  return 10 * std::log10(255 * 255 / error);
}

TEST(Gif, HoldsFramesOfFewColoursUnchanged) {
  std::vector<at::Tensor> frames;
  for (int64_t i = 0; i < 5; ++i) frames.push_back(few_colours(i));
  frames.push_back(at::full({3, 20, 30}, 255, at::kByte));
  const auto gif = decoded(encode_gif(frames));
  ASSERT_EQ(gif.frames.size(), frames.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_TRUE(at::equal(gif.frames[i], frames[i])) << i;
  }
}

TEST(Gif, PlaysForEverAsFastAsItIsTold) {
  const std::vector<at::Tensor> frames = {few_colours(0), few_colours(1)};
  const auto bytes = encode_gif(frames, {.seconds = 0.125});
  EXPECT_EQ(bytes.substr(0, 6), "GIF89a");
  const auto gif = decoded(bytes);
  EXPECT_EQ(gif.delays, (std::vector<int>{13, 13}));
  EXPECT_EQ(gif.extensions, std::string("NETSCAPE2.0\1\0\0", 14));
}

TEST(Gif, ChoosesColoursForEachFrame) {
  const auto ramp = at::linspace(0, 1, 128).expand({128, 128});
  const auto smooth = at::stack({ramp, ramp.t(), 1 - ramp});
  const std::vector<at::Tensor> frames = {smooth, smooth.flip(0)};
  const auto gif = decoded(encode_gif(frames));
  ASSERT_EQ(gif.frames.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    // 256 colours on a square of 255 a side: 8 apart, in three channels.
    EXPECT_GT(signal_to_noise(gif.frames[i], to_uint8(frames[i])), 33) << i;
  }
}

TEST(Gif, ShowsThePicturesOfAModelWell) {
  const auto picture = to_uint8(read_png("docs/first-picture.png"));
  EXPECT_GT(signal_to_noise(decoded(encode_gif({picture})).frames.at(0), picture), 44);
}

TEST(Gif, IsWrittenAsEveryFileIs) {
  const TemporaryFolder folder;
  const std::vector<at::Tensor> frames = {few_colours(0)};
  const auto path = folder / "x.gif";
  EXPECT_EQ(write_gif(path, frames, {}, WriteMode::kNextFreeName), path);
  EXPECT_EQ(write_gif(path, frames, {}, WriteMode::kNextFreeName), folder / "x-1.gif");
  EXPECT_EQ(read_text(path), encode_gif(frames));
  EXPECT_NE(error_of([&] { write_gif(folder / "none/x.gif", frames, {}, WriteMode::kOverwrite); }),
            "");
}

TEST(Gif, RefusesFramesThatDoNotFitEachOther) {
  EXPECT_ANY_THROW(encode_gif({}));
  EXPECT_ANY_THROW(encode_gif({at::zeros({3, 4, 4}), at::zeros({3, 4, 5})}));
  EXPECT_ANY_THROW(encode_gif({few_colours(0)}, {.seconds = 0}));
  EXPECT_ANY_THROW(encode_gif({few_colours(0)}, {.seconds = 1000}));
}

TEST(Palette, SplitsWhereTheErrorIs) {
  // 300 greys, of which the palette has to leave out some, and one pixel far away, which it keeps.
  auto image = at::zeros({3, 1, 301}, at::kByte);
  image[0][0].copy_(at::arange(301).remainder(256));
  image[1][0].copy_((at::arange(301) / 256).floor());
  image[2][0][300] = 255;
  const auto picture = with_palette(image);
  EXPECT_EQ(picture.colours.size(), 256u);
  EXPECT_EQ(picture.colours.at(picture.pixels.at(300)), (std::array<uint8_t, 3>{44, 1, 255}));
}

}  // namespace
}  // namespace unclip
