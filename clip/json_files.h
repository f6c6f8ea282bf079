#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "core/config.h"

namespace unclip {

/// The file's object; an empty one where there is no such file.
inline Config read_if_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? Config::read(path)
                                                : Config::parse("{}", path.string());
}

/// A foreign file's value as JSON in ASCII, so that no byte of it disturbs a terminal, cut where it
/// is long.
inline std::string shown(const nlohmann::json& value) {
  auto text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 100) text = text.substr(0, 97) + "...";
  return text;
}

}  // namespace unclip
