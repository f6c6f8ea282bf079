#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace unclip {

/// A JSON value (nlohmann::json or ordered_json) on one line. Bytes that are not UTF-8 are replaced
/// by U+FFFD, so that text from an untrusted file cannot make the output fail.
template <class Json>
std::string json_text(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace unclip
