#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace unclip {

/// What happens where the name is taken.
enum class WriteMode {
  kNextFreeName,  ///< name-1.png, name-2.png, ...: no file is ever replaced
  kOverwrite,
};

/// A name in the folder of `path` that no file has yet; it is the caller's to create and to remove.
std::filesystem::path scratch_name(const std::filesystem::path& path);

/// Gives the finished file `scratch` its name, in one step that no other process can come between.
/// Returns the name that it bears now: `path`, or with kNextFreeName the first free one of
/// `path`, `path` with -1 before its extension, with -2 ... Removes `scratch` and throws Error
/// where that fails, or where `path` is there and is no file.
std::filesystem::path publish(const std::filesystem::path& scratch,
                              const std::filesystem::path& path, WriteMode mode);

/// Writes the bytes under a scratch name, to the disk, then publishes it. Returns the name.
/// Throws Error (disk full, no such folder, no permission) and leaves no part of a file behind.
std::filesystem::path write_file(const std::filesystem::path& path, std::string_view bytes,
                                 WriteMode mode);

/// Adds the bytes at the end of a file that is there, to the disk. Throws Error where that fails,
/// and then takes away again what part of them is written.
void append_to_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace unclip
