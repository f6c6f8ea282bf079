#pragma once

#include <cstdint>
#include <vector>

#include "search/picture_index.h"

namespace unclip {

/// How a folder differs from its index.
struct FolderChanges {
  std::vector<FoundPicture> added;
  std::vector<FoundPicture> changed;     // of another size or time than its row's
  std::vector<FoundPicture> unreadable;  // could not be read then, and have not changed
  std::vector<FoundPicture> removed;     // their rows were removed by name; have not changed
  std::vector<int64_t> unchanged, gone;  // rows

  bool any() const { return !added.empty() || !changed.empty() || !gone.empty(); }
};
FolderChanges changes_since(const PictureIndex& index, const std::vector<FoundPicture>& found);

}  // namespace unclip
