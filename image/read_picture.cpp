#include "image/read_picture.h"

#include <ATen/ATen.h>

#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>

#include "core/error.h"
#include "image/exif.h"
#include "image/png_samples.h"
#include "image/read_jpeg.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpeg = "\xff\xd8\xff";

struct Format {
  size_t offset;
  std::string_view bytes;
  std::string_view name;
};
constexpr Format kOtherFormats[] = {
    {0, "GIF8", "GIF"},
    {8, "WEBP", "WebP"},
    {0, "BM", "BMP"},
    {0, std::string_view("II*\0", 4), "TIFF"},
    {4, "ftyp", "HEIC or AVIF"},
    {0, std::string_view("MM\0*", 4), "TIFF"},
    {0, "\xff\x0a", "JPEG XL"},
    {0, "8BPS", "Photoshop"},
};

/// As many as there are, up to 12.
std::string first_bytes(const fs::path& path) {
  const auto file = open_picture(path);
  std::string bytes(12, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  return bytes;
}

[[noreturn]] void fail_format(const fs::path& path, std::string_view first) {
  constexpr auto kWanted = "; a PNG or JPEG picture is wanted";
  if (first.empty()) fail(path, ": is empty", kWanted);
  for (const auto& format : kOtherFormats) {
    if (first.substr(std::min(format.offset, first.size())).starts_with(format.bytes)) {
      fail(path, ": is a ", format.name, " file", kWanted);
    }
  }
  std::ostringstream hex;
  hex << std::hex << std::setfill('0');
  for (const unsigned char byte : first) hex << ' ' << std::setw(2) << int{byte};
  fail(path, ": begins with the bytes", hex.str(), kWanted);
}

// Of 16 bits Pillow keeps the upper 8 of colours, of grey with alpha and of RGBA.
// Differs from Pillow for grey alone, where it makes every value above 255 white.
uint8_t upper_bits(uint16_t sample) { return static_cast<uint8_t>(sample >> 8); }
uint8_t upper_bits(uint8_t sample) { return sample; }

/// rgba (H, W, 4) -> (3, H, W) uint8
template <class Sample>
at::Tensor over_white(const at::Tensor& rgba) {
  const int64_t pixels = rgba.size(0) * rgba.size(1);
  auto picture = at::empty({3, rgba.size(0), rgba.size(1)}, at::kByte);
  auto* out = picture.mutable_data_ptr<uint8_t>();
  const auto* pixel = rgba.const_data_ptr<Sample>();
  for (int64_t i = 0; i < pixels; ++i, pixel += 4) {
    const int alpha = upper_bits(pixel[3]);
    for (int64_t c = 0; c < 3; ++c) {
      const int mixed = alpha * upper_bits(pixel[c]) + (255 - alpha) * 255;
      out[c * pixels + i] = static_cast<uint8_t>((mixed + 127) / 255);
    }
  }
  return picture;
}

}  // namespace

bool begins_as_picture(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const auto first = first_bytes(path);
  return first.starts_with(kPng) || first.starts_with(kJpeg);
}

at::Tensor read_picture(const fs::path& path) {
  const auto first = first_bytes(path);
  if (first.starts_with(kPng)) {
    const auto [rgba, exif] = read_png_samples(path, kPictureLimits);
    const bool deep = rgba.scalar_type() == at::kUInt16;
    return upright(deep ? over_white<uint16_t>(rgba) : over_white<uint8_t>(rgba),
                   exif_orientation(exif));
  }
  if (first.starts_with(kJpeg)) {
    const auto [rgb, exif] = read_jpeg(path, kPictureLimits);
    return upright(rgb, exif_orientation(exif));
  }
  fail_format(path, first);
}

}  // namespace unclip
