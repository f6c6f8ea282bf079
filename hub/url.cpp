#include "hub/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string_view>

#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// Null if the text is not a whole URL.
Url parse_url(const std::string& text) {
  Url url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return {nullptr, &curl_url_cleanup};
  }
  return url;
}

std::string url_part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

std::string host_in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

bool is_http_url(const std::string& url) { return !origin_of(url).empty(); }

std::string origin_of(const std::string& text) {
  const auto url = parse_url(text);
  if (!url) return {};
  const auto scheme = url_part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return {};
  return scheme + "://" + host_in_lower_case(url_part(url, CURLUPART_HOST)) + ":" +
         url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string shown_url(const std::string& text) {
  const auto url = parse_url(text);
  if (!url) return shown(text);
  for (const auto part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(url.get(), part, nullptr, 0);
  }
  return shown(url_part(url, CURLUPART_URL));
}

std::string escaped_component(const std::string& text) {
  std::string result;
  for (const unsigned char c : text) {
    if (std::isalnum(c) ||
        std::string_view("-_.~").find(static_cast<char>(c)) != std::string_view::npos) {
      result += static_cast<char>(c);
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      result += {'%', kDigits[c >> 4], kDigits[c & 15]};
    }
  }
  return result;
}

}  // namespace unclip::hub
