#pragma once

#include <filesystem>
#include <string>

namespace unclip::testing {

/// The folder with configs and tokenizer of a world's model. The picture book's waits in train/
/// until it has weights to ship.
inline std::filesystem::path world_folder(const std::string& world) {
  const std::filesystem::path shipped = std::filesystem::path("weights") / world;
  return std::filesystem::exists(shipped) ? shipped : std::filesystem::path("train") / world;
}

}  // namespace unclip::testing
