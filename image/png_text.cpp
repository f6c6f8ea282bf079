#include "image/png_text.h"

#include <c10/util/Exception.h>
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "image/big_endian.h"

namespace unclip {
namespace {

// Length 0, type, checksum: the last chunk of every PNG.
constexpr size_t kEndChunkSize = 12;

std::string chunk(std::string_view type, std::string_view data) {
  const auto body = std::string(type) + std::string(data);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  return big_endian(static_cast<uint32_t>(data.size())) + body +
         big_endian(static_cast<uint32_t>(crc));
}

/// The text as a chunk may hold it: without zero bytes, and with LF as the line end.
std::string cleaned(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out += '\n';
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The text as Latin-1; empty if it has a character that tEXt does not define.
std::optional<std::string> latin1_from_utf8(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte == '\n' || (byte >= 0x20 && byte < 0x7f)) {
      out += utf8[i];
    } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < utf8.size()) {
      const auto next = static_cast<unsigned char>(utf8[++i]);
      const int code = (byte & 0x03) << 6 | (next & 0x3f);
      if ((next & 0xc0) != 0x80 || code < 0xa0) return std::nullopt;
      out += static_cast<char>(code);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

bool is_keyword(std::string_view keyword) {
  if (keyword.empty() || keyword.size() > 79) return false;
  if (keyword.front() == ' ' || keyword.back() == ' ') return false;
  if (keyword.find("  ") != keyword.npos) return false;
  return std::all_of(keyword.begin(), keyword.end(), [](unsigned char byte) {
    return (byte >= 0x20 && byte < 0x7f) || byte >= 0xa1;
  });
}

std::string text_chunk(const PngText& text) {
  TORCH_CHECK(is_keyword(text.keyword), "'", text.keyword, "' is no keyword of a PNG");
  const auto utf8 = cleaned(text.text);
  if (const auto latin1 = latin1_from_utf8(utf8)) {
    return chunk("tEXt", text.keyword + std::string(1, '\0') + *latin1);
  }
  // End of keyword, not compressed, method 0, no language, no translated keyword.
  return chunk("iTXt", text.keyword + std::string(5, '\0') + utf8);
}

}  // namespace

std::string with_texts(std::string_view png, const std::vector<PngText>& texts) {
  TORCH_CHECK(png.size() > kEndChunkSize, "with_texts: no PNG");
  auto out = std::string(png.substr(0, png.size() - kEndChunkSize));
  for (const auto& text : texts) out += text_chunk(text);
  return out += png.substr(png.size() - kEndChunkSize);
}

std::string utf8_from_latin1(std::string_view latin1) {
  std::string out;
  for (const unsigned char byte : latin1) {
    if (byte < 0x80) {
      out += static_cast<char>(byte);
    } else {
      out += static_cast<char>(0xc0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

}  // namespace unclip
