#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace unclip {

/// A picture's file as its folder tells it, unopened.
struct FoundPicture {
  std::string path;   // from the folder on, with /
  int64_t size = 0;   // bytes
  int64_t mtime = 0;  // of its last change, nanoseconds since 1970

  friend bool operator==(const FoundPicture&, const FoundPicture&) = default;
};

struct FolderListing {
  std::vector<FoundPicture> pictures;  // by path
  std::vector<std::string> left_out;   // what could not be listed and why, a line each
};

/// Does it end in .png, .jpg or .jpeg, upper or lower case?
bool is_picture_name(const std::filesystem::path& path);

/// The pictures in a folder and all folders below it: files with a picture's name, and files
/// without any extension that begin as one. What begins with a dot is passed over. Symbolic links
/// are followed, but no folder is listed twice. Left out are folders that cannot be read, and names
/// that are not UTF-8, for no index could hold them. Throws Error where the folder itself cannot
/// be read.
FolderListing find_pictures(const std::filesystem::path& folder);

}  // namespace unclip
