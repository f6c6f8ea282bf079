#pragma once

#include <cstdint>
#include <vector>

#include "search/picture_index.h"

namespace unclip {

/// The differences between a folder and its index.
struct FolderChanges {
  std::vector<FoundPicture> added;
  std::vector<FoundPicture> changed;     // size or time differ from those of the row
  std::vector<FoundPicture> unreadable;  // could not be read when indexed, and have not changed
  std::vector<FoundPicture> removed;     // rows removed by name, and have not changed
  std::vector<int64_t> unchanged, gone;  // rows

  bool any() const { return !added.empty() || !changed.empty() || !gone.empty(); }
};
FolderChanges changes_since(const PictureIndex& index, const std::vector<FoundPicture>& found);

}  // namespace unclip
