#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/config.h"
#include "base/file_bytes.h"
#include "base/presence.h"

namespace unclip {

/// The file's object; an empty one if there is no such file.
inline Config read_if_there(const std::filesystem::path& path) {
  return is_there(path) ? Config::read(path) : Config::parse("{}", path.string());
}

/// The keys of a JSON object in the order of the file, which Config does not keep; sorted if the
/// file has what Config reads and this parser does not, such as Infinity.
inline nlohmann::ordered_json in_file_order(const Config& file) {
  if (file.keys().empty()) return nlohmann::ordered_json::object();
  auto json = nlohmann::ordered_json::parse(file_bytes(file.name()), nullptr,
                                            /*allow_exceptions=*/false);
  return json.is_object() ? json : nlohmann::ordered_json(file.json());
}

/// A foreign file's value as JSON in ASCII, so that no byte of it disturbs a terminal, cut if it is
/// long.
inline std::string shown(const nlohmann::json& value) {
  auto text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 100) text = text.substr(0, 97) + "...";
  return text;
}

}  // namespace unclip
