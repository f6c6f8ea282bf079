#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace unclip {

/// The repository "OWNER/NAME" whose cache folder, models--OWNER--NAME, is a component of the path;
/// nothing if there is none. The path need not exist.
std::optional<std::string> hub_repository(const std::filesystem::path& path);

/// The path up to and including that component.
std::optional<std::filesystem::path> hub_repository_folder(const std::filesystem::path& path);

/// The end of a message about a missing file: "; the download of OWNER/NAME is incomplete;
/// `unclip pull OWNER/NAME` continues it" if `path` lies in the hub's cache, or in a folder that
/// the hub's client downloads to, and a file of that download is incomplete. Otherwise empty.
std::string incomplete_download_hint(const std::filesystem::path& path);

}  // namespace unclip
