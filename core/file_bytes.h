#pragma once

#include <filesystem>
#include <string>

namespace unclip {

/// All of a file's bytes. Throws Error where it is a folder, or cannot be read.
std::string file_bytes(const std::filesystem::path& path);

}  // namespace unclip
