#pragma once

#include <filesystem>

namespace unclip {

/// Whether a file or folder exists at `path`. Throws Error if it is a symbolic link whose target is
/// missing; the message names the link and the target, and says if the target's download is
/// incomplete. The hub's cache consists of such links.
bool is_there(const std::filesystem::path& path);

/// Whether `path` is a folder, or a link to one. False if the path cannot be examined.
bool is_folder(const std::filesystem::path& path);

}  // namespace unclip
