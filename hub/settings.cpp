#include "hub/settings.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/presence.h"
#include "hub/url.h"
#include "weights/hub_cache.h"
#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

namespace fs = std::filesystem;

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool is_true(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

/// The token without white space at its ends. Throws Error, which does not show it, if it could
/// not be sent in a header.
std::string cleaned_token(std::string token, const std::string& source) {
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  token.erase(token.begin(), std::find_if_not(token.begin(), token.end(), is_space));
  token.erase(std::find_if_not(token.rbegin(), token.rend(), is_space).base(), token.end());
  const bool plain =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!plain) fail(source, ": expected a token of letters and digits, found other characters");
  return token;
}

std::string token_of_environment() {
  for (const auto* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    if (auto token = cleaned_token(environment_value(name), name); !token.empty()) return token;
  }
  if (is_true(environment_value("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return {};
  const auto named = environment_value("HF_TOKEN_PATH");
  const auto path = named.empty() ? hub_home() / "token" : expanded_path(named);
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return {};
  constexpr uintmax_t kMost = 64 << 10;
  if (fs::file_size(path, ignored) > kMost) fail(path, ": expected a token, found a large file");
  return cleaned_token(file_bytes(path), path.string());
}

}  // namespace

Settings Settings::of_environment() {
  Settings settings;
  if (auto endpoint = environment_value("HF_ENDPOINT"); !endpoint.empty()) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    if (!is_http_url(endpoint)) {
      fail("HF_ENDPOINT: expected a URL of http or https, got '", shown(endpoint), "'");
    }
    settings.endpoint = endpoint;
  }
  settings.offline = is_true(environment_value("HF_HUB_OFFLINE"));
  settings.token = token_of_environment();
  return settings;
}

}  // namespace unclip::hub
