#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace unclip {

/// What happens if the name is taken.
enum class WriteMode {
  kNextFreeName,  ///< name-1.png, name-2.png, ...: no file is ever replaced
  kOverwrite,
};

/// The descriptor that /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N names.
std::optional<int> stream_of_name(const std::filesystem::path& path);

/// Whether bytes are written to the path itself, for it is no regular file and none that a file
/// could replace: a pipe, a character device, a socket, or a name of an open descriptor.
bool is_stream(const std::filesystem::path& path);

/// Throws Error if the folder of `path` is not there or nothing may be written to it.
void expect_folder_for(const std::filesystem::path& path);

/// Throws Error if `path` is there and is neither a regular file nor a stream, or if a name is too
/// long for the file system: that of `path`, of a folder in it, of the scratch file, or the name
/// with the number that `mode` gives it if it is taken, by a file that is there or one of
/// `namesakes` that will be.
void expect_name_fits(const std::filesystem::path& path, WriteMode mode, int64_t namesakes);

/// A name in the folder of `path` that no file has yet; it is the caller's to create and to remove.
std::filesystem::path scratch_name(const std::filesystem::path& path);

/// Gives the finished file `scratch` its name, in one step that no other process can come between.
/// Returns the name that it bears now: `path`, or with kNextFreeName the first free one of
/// `path`, `path` with -1 before its extension, with -2 ... Removes `scratch` and throws Error
/// if that fails, or `path` is there and is no regular file.
std::filesystem::path publish(const std::filesystem::path& scratch,
                              const std::filesystem::path& path, WriteMode mode);

/// Writes the bytes under a scratch name, to the disk, then publishes it; a stream gets the bytes
/// themselves. Returns the name. Throws Error (disk full, no such folder, no permission) and leaves
/// no part of a file behind.
std::filesystem::path write_file(const std::filesystem::path& path, std::string_view bytes,
                                 WriteMode mode);

/// Adds the bytes at the end of a file that is there, to the disk. Throws Error if that fails,
/// and then takes away again what part of them is written.
void append_to_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace unclip
