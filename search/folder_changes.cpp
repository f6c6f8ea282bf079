#include "search/folder_changes.h"

#include <string>
#include <unordered_map>

namespace unclip {
namespace {

using ByPath = std::unordered_map<std::string, const FoundPicture*>;

ByPath by_path(const std::vector<FoundPicture>& pictures) {
  ByPath result;
  for (const auto& picture : pictures) result[picture.path] = &picture;
  return result;
}

/// Whether `known` has the file with its current size and time.
bool has_same(const ByPath& known, const FoundPicture& picture) {
  const auto it = known.find(picture.path);
  return it != known.end() && *it->second == picture;
}

}  // namespace

FolderChanges changes_since(const PictureIndex& index, const std::vector<FoundPicture>& found) {
  auto without_row = by_path(found);
  FolderChanges changes;
  for (int64_t row = 0; row < index.rows(); ++row) {
    const auto& known = index.pictures[static_cast<size_t>(row)];
    const auto it = without_row.find(known.path);
    if (it == without_row.end()) {
      changes.gone.push_back(row);
      continue;
    }
    if (*it->second == known) {
      changes.unchanged.push_back(row);
    } else {
      changes.changed.push_back(*it->second);
    }
    without_row.erase(it);
  }
  const auto unreadable = by_path(index.unreadable), removed = by_path(index.removed);
  for (const auto& picture : found) {
    if (!without_row.contains(picture.path)) continue;
    auto& list = has_same(removed, picture)      ? changes.removed
                 : has_same(unreadable, picture) ? changes.unreadable
                                                 : changes.added;
    list.push_back(picture);
  }
  return changes;
}

}  // namespace unclip
