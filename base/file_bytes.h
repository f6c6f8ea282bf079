#pragma once

#include <filesystem>
#include <string>

namespace unclip {

/// All bytes of a file. Throws Error, with the system's reason, if it is a folder or cannot be
/// read.
std::string file_bytes(const std::filesystem::path& path);

/// Throws Error "<path>: cannot be read: <why>" for a file that could not be opened. The reason is
/// that it is a folder, or that of errno.
[[noreturn]] void fail_to_read(const std::filesystem::path& path);

}  // namespace unclip
