#include "image/image_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace unclip {
namespace {

using namespace std::string_view_literals;

/// Bytes at an offset from the start of a file.
struct Magic {
  size_t offset;
  std::string_view bytes;
};

struct FormatRow {
  ImageFormat format;
  std::string_view name;
  bool written;
  std::vector<std::string_view> extensions;
  std::vector<Magic> magic;  // all must match
};

// BMP, TIFF and the ISO base media formats need more checks than these bytes: see below.
const std::array<FormatRow, 8>& format_table() {
  static const std::array<FormatRow, 8> table = {{
      {ImageFormat::kPng, "PNG", true, {".png"}, {{0, "\x89PNG\r\n\x1a\n"}}},
      {ImageFormat::kJpeg, "JPEG", true, {".jpg", ".jpeg", ".jpe", ".jfif"}, {{0, "\xff\xd8\xff"}}},
      {ImageFormat::kWebp, "WebP", true, {".webp"}, {{0, "RIFF"}, {8, "WEBP"}}},
      {ImageFormat::kGif, "GIF", false, {".gif"}, {{0, "GIF8"}}},
      {ImageFormat::kBmp, "BMP", false, {".bmp", ".dib"}, {{0, "BM"}}},
      {ImageFormat::kTiff, "TIFF", false, {".tif", ".tiff"}, {}},
      {ImageFormat::kAvif, "AVIF", false, {".avif"}, {}},
      {ImageFormat::kHeic, "HEIC", false, {".heic", ".heif", ".hif"}, {}},
  }};
  return table;
}

const FormatRow& row_of(ImageFormat format) { return format_table()[static_cast<size_t>(format)]; }

bool has(std::string_view bytes, const Magic& magic) {
  return bytes.size() >= magic.offset && bytes.substr(magic.offset).starts_with(magic.bytes);
}

bool is_tiff(std::string_view bytes) {
  return bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv);
}

/// Whether it is a BMP. Texts may begin with "BM" too, so this also checks the size of the header,
/// which follows the first 14 bytes.
bool is_bmp(std::string_view bytes) {
  constexpr size_t kHeaderSize = 14;
  if (!bytes.starts_with("BM") || bytes.size() < kHeaderSize + 4) return false;
  const auto size = static_cast<unsigned char>(bytes[kHeaderSize]);
  constexpr std::array<int, 8> kSizes = {12, 16, 40, 52, 56, 64, 108, 124};
  return bytes.substr(kHeaderSize + 1, 3) == "\0\0\0"sv &&
         std::find(kSizes.begin(), kSizes.end(), size) != kSizes.end();
}

/// AVIF or HEIC, by the brands of the file's first box, the major one first.
/// ISO/IEC 23008-12:2017, section 10; AV1 Image File Format 1.1, section 6,
/// https://aomediacodec.github.io/av1-avif/#brands
std::optional<ImageFormat> format_of_brands(std::string_view bytes) {
  if (!has(bytes, {4, "ftyp"})) return std::nullopt;
  constexpr std::array<std::string_view, 2> kAvif = {"avif", "avis"};
  constexpr std::array<std::string_view, 6> kHeic = {"heic", "heix", "heim",
                                                     "heis", "hevc", "hevx"};
  for (size_t at = 8; at + 4 <= bytes.size(); at += 4) {
    if (at == 12) continue;  // the minor version
    const auto brand = bytes.substr(at, 4);
    if (std::find(kAvif.begin(), kAvif.end(), brand) != kAvif.end()) return ImageFormat::kAvif;
    if (std::find(kHeic.begin(), kHeic.end(), brand) != kHeic.end()) return ImageFormat::kHeic;
  }
  return std::nullopt;
}

}  // namespace

std::string_view format_name(ImageFormat format) { return row_of(format).name; }

bool is_written(ImageFormat format) { return row_of(format).written; }

std::optional<ImageFormat> format_of_bytes(std::string_view bytes) {
  bytes = bytes.substr(0, kImageMagicBytes);
  if (is_tiff(bytes)) return ImageFormat::kTiff;
  if (is_bmp(bytes)) return ImageFormat::kBmp;
  for (const auto& row : format_table()) {
    if (row.magic.empty() || row.format == ImageFormat::kBmp) continue;
    if (std::all_of(row.magic.begin(), row.magic.end(),
                    [&](const Magic& magic) { return has(bytes, magic); })) {
      return row.format;
    }
  }
  return format_of_brands(bytes);
}

std::optional<ImageFormat> format_of_name(const std::filesystem::path& path) {
  auto extension = path.extension().string();
  for (auto& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& row : format_table()) {
    for (const auto known : row.extensions) {
      if (extension == known) return row.format;
    }
  }
  return std::nullopt;
}

std::string written_extensions() {
  std::vector<std::string_view> all;
  for (const auto& row : format_table()) {
    if (row.written) all.insert(all.end(), row.extensions.begin(), row.extensions.end());
  }
  std::string text;
  for (size_t i = 0; i < all.size(); ++i) {
    text += i == 0 ? "" : i + 1 == all.size() ? " or " : ", ";
    text += all[i];
  }
  return text;
}

std::string describe_image(std::string_view bytes) {
  if (const auto format = format_of_bytes(bytes)) {
    return (*format == ImageFormat::kAvif ? "an " : "a ") + std::string(format_name(*format)) +
           " image";
  }
  const std::pair<Magic, const char*> others[] = {
      {{4, "JXL \r\n"}, "a JPEG XL image"},   {{0, "\xff\x0a"}, "a JPEG XL image"},
      {{4, "jP  \r\n"}, "a JPEG 2000 image"}, {{4, "ftyp"}, "a video, or another media file"},
      {{0, "8BPS"}, "a Photoshop image"},     {{0, "%PDF-"}, "a PDF document"},
      {{0, "<svg"}, "an SVG image"}};
  for (const auto& [magic, name] : others) {
    if (has(bytes, magic)) return name;
  }
  return "";
}

}  // namespace unclip
