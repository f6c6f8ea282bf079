#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/config.h"
#include "base/file_bytes.h"
#include "base/presence.h"

namespace unclip {

/// Reads the file's object; an empty object if there is no such file.
inline Config read_if_there(const std::filesystem::path& path) {
  return is_there(path) ? Config::read(path) : Config::parse("{}", path.string());
}

/// The file's JSON object with its keys in the order of the file, which Config does not keep. The
/// keys are sorted if the file has values that only Config can read, such as Infinity.
inline nlohmann::ordered_json in_file_order(const Config& file) {
  if (file.keys().empty()) return nlohmann::ordered_json::object();
  auto json = nlohmann::ordered_json::parse(file_bytes(file.name()), nullptr,
                                            /*allow_exceptions=*/false);
  return json.is_object() ? json : nlohmann::ordered_json(file.json());
}

/// A value from an untrusted file, made safe for a message: JSON in ASCII, shortened if it is long.
inline std::string shown(const nlohmann::json& value) {
  auto text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 100) text = text.substr(0, 97) + "...";
  return text;
}

}  // namespace unclip
