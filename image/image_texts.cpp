#include "image/image_texts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "image/exif.h"
#include "image/image_format.h"
#include "image/picture_file.h"
#include "image/png_samples.h"
#include "image/read_jpeg.h"
#include "image/read_picture.h"
#include "image/read_webp.h"

namespace unclip {
namespace {

constexpr std::string_view kParameters = "parameters";
constexpr std::string_view kBegin = "<unclip:text unclip:keyword=\"", kMiddle = "\">",
                           kEnd = "</unclip:text>";
constexpr std::pair<char, std::string_view> kEscapes[] = {
    {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\r', "&#13;"}};

/// The text escaped for XML 1.0, which allows no control characters except tab and line ends.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto* found = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                     [&](const auto& escape) { return escape.first == c; });
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n';
    if (found != std::end(kEscapes)) {
      out += found->second;
    } else {
      out += control ? std::string("\xEF\xBF\xBD") : std::string(1, c);  // U+FFFD
    }
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto* found = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                     [&](const auto& e) { return text.starts_with(e.second); });
    const bool escaped = found != std::end(kEscapes);
    out += escaped ? found->first : text.front();
    text.remove_prefix(escaped ? found->second.size() : 1);
  }
  return out;
}

/// Removes the text up to the mark and the mark from `rest`, and returns the text; nothing if there
/// is no mark.
std::optional<std::string_view> take_until(std::string_view& rest, std::string_view mark) {
  const auto end = rest.find(mark);
  if (end == rest.npos) return std::nullopt;
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(end + mark.size());
  return taken;
}

std::vector<PngText> texts_of_xmp(std::string_view xmp) {
  std::vector<PngText> texts;
  while (take_until(xmp, kBegin)) {
    const auto keyword = take_until(xmp, kMiddle);
    const auto text = keyword ? take_until(xmp, kEnd) : std::nullopt;
    if (!text) break;
    texts.push_back({unescape(*keyword), unescape(*text)});
  }
  return texts;
}

std::string xmp_of_texts(const std::vector<PngText>& texts) {
  std::string xmp =
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
      "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      "<rdf:Description rdf:about=\"\" xmlns:unclip=\"urn:unclip:texts\"><unclip:texts><rdf:Seq>";
  for (const auto& [keyword, text] : texts) {
    xmp.append("<rdf:li>").append(kBegin).append(escape(keyword)).append(kMiddle);
    xmp.append(escape(text)).append(kEnd).append("</rdf:li>");
  }
  return xmp +
         "</rdf:Seq></unclip:texts></rdf:Description></rdf:RDF></x:xmpmeta>\n"
         "<?xpacket end=\"r\"?>";
}

}  // namespace

std::vector<PngText> texts_of_metadata(const ImageMetadata& metadata) {
  auto texts = metadata.texts;
  for (auto& text : texts_of_xmp(metadata.xmp)) texts.push_back(std::move(text));
  const bool has_parameters = std::any_of(
      texts.begin(), texts.end(), [](const PngText& text) { return text.keyword == kParameters; });
  if (const auto comment = exif_user_comment(metadata.exif); comment && !has_parameters) {
    texts.push_back({std::string(kParameters), *comment});
  }
  return texts;
}

std::vector<PngText> decode_image_texts(std::string_view bytes, const std::string& name) {
  const auto format = format_of_bytes(bytes);
  if (format == ImageFormat::kPng) {
    return texts_of_metadata(decode_png_metadata(bytes, name, kPictureLimits));
  }
  if (format == ImageFormat::kJpeg) {
    return texts_of_metadata(decode_jpeg_metadata(bytes, name, kPictureLimits));
  }
  if (format == ImageFormat::kWebp) return texts_of_metadata(decode_webp_metadata(bytes, name));
  return {};
}

std::vector<PngText> read_image_texts(const std::filesystem::path& path) {
  return decode_image_texts(read_image_bytes(path), path.string());
}

ImageMetadata metadata_of_texts(const std::vector<PngText>& texts, size_t most_exif) {
  ImageMetadata metadata;
  if (texts.empty()) return metadata;
  for (const auto& [keyword, text] : texts) {
    if (keyword == kParameters) metadata.exif = exif_with_user_comment(text, most_exif);
  }
  metadata.xmp = xmp_of_texts(texts);
  return metadata;
}

}  // namespace unclip
