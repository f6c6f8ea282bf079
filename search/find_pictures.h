#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace unclip {

/// An image file as its folder lists it; the file has not been opened.
struct FoundPicture {
  std::string path;   // relative to the folder, with /
  int64_t size = 0;   // bytes
  int64_t mtime = 0;  // time of its last modification, in nanoseconds since 1970

  friend bool operator==(const FoundPicture&, const FoundPicture&) = default;
};

struct FolderListing {
  std::vector<FoundPicture> pictures;    // sorted by path
  std::vector<std::string> left_out;     // one line each: what could not be listed, and why
  std::vector<std::string> passed_over;  // sorted by path: files named as images of other formats
};

/// Whether the file's extension, in upper or lower case, is that of an image format that can be
/// read.
bool is_picture_name(const std::filesystem::path& path);

/// The images in a folder and all folders below it: files with an image's name, and files without
/// any extension whose first bytes are an image's. Names that begin with a dot are skipped.
/// Symbolic links are followed, but no folder is listed twice. Folders that cannot be read are left
/// out, and so are names that are not UTF-8, because an index cannot hold them. Throws Error if the
/// folder itself cannot be read.
FolderListing find_pictures(const std::filesystem::path& folder);

}  // namespace unclip
