#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace unclip {

/// What to do if the file's name exists already.
enum class WriteMode {
  kNextFreeName,  ///< name-1.png, name-2.png, ...: never replaces a file
  kOverwrite,
};

/// The descriptor that /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N names; nothing for
/// another path.
std::optional<int> stream_of_name(const std::filesystem::path& path);

/// Whether bytes are written directly to the path, because a regular file must not replace it: a
/// pipe, a character device, a socket, or a name of an open descriptor.
bool is_stream(const std::filesystem::path& path);

/// Throws Error if the folder of `path` does not exist or is not writable.
void expect_folder_for(const std::filesystem::path& path);

/// Throws Error if `path` exists and is neither a regular file nor a stream, or if a name is too
/// long for the file system: that of `path`, of a folder in it, of the scratch file, or the name
/// with the number that `mode` adds if the name is taken, either by an existing file or by one of
/// `namesakes` files that will be written under it.
void expect_name_fits(const std::filesystem::path& path, WriteMode mode, int64_t namesakes);

/// A name in the folder of `path` that no file has yet. The caller must create and remove the file.
std::filesystem::path scratch_name(const std::filesystem::path& path);

/// Renames the finished file `scratch` atomically. Returns its new name: `path`, or with
/// kNextFreeName the first free one of `path`, `path` with -1 before its extension, with -2 ...
/// Removes `scratch` and throws Error if that fails, or if `path` exists and is not a regular file.
std::filesystem::path publish(const std::filesystem::path& scratch,
                              const std::filesystem::path& path, WriteMode mode);

/// Writes the bytes to a scratch file, flushes it to the disk and publishes it; if `path` is a
/// stream, writes to it directly. Returns the file's name. If it fails (disk full, no such folder,
/// no permission), it throws Error and leaves no partial file behind.
std::filesystem::path write_file(const std::filesystem::path& path, std::string_view bytes,
                                 WriteMode mode);

/// Appends the bytes to an existing file, and flushes it to the disk. If that fails, it removes the
/// bytes already written and throws Error.
void append_to_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace unclip
