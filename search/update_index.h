#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "search/picture_index.h"

namespace unclip {

/// How a folder differs from its index.
struct FolderChanges {
  std::vector<FoundPicture> added;
  std::vector<FoundPicture> changed;     // of another size or time than its row's
  std::vector<FoundPicture> unreadable;  // could not be read then, and have not changed
  std::vector<int64_t> unchanged, gone;  // rows

  bool any() const { return !added.empty() || !changed.empty() || !gone.empty(); }
};
FolderChanges changes_since(const PictureIndex& index, const std::vector<FoundPicture>& found);

/// From this many rows on an index gets a graph.
constexpr int64_t kGraphFrom = 50'000;

struct UpdateOptions {
  int64_t batch_size = 32;
  int64_t graph_from = kGraphFrom;
  double seconds_between_saves = 60;
  /// Told of a picture that cannot be read: its name, and why.
  std::function<void(const std::string& why)> on_skipped;
  /// How much of the work in hand, "pictures" or "graph", is done. False ends the update with
  /// Cancelled.
  std::function<bool(const char* work, int64_t done, int64_t total)> on_progress;
};

struct UpdateCounts {
  int64_t added = 0, changed = 0, removed = 0, unchanged = 0;
  int64_t skipped = 0;  // could not be read; neither of the others
};

/// pictures, each uint8 (3, H, W) -> (B, D) float32
using EncodePictures = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

/// Brings the index in line with the pictures found in its folder, encoding those alone that are
/// new or have changed, or could not be read before, and writes it to `file` where that changed
/// anything. A run that ends early, by Cancelled or an Error, has written what it had encoded; the
/// next one goes on there. Throws Error where not a single picture can be read.
UpdateCounts update_index(PictureIndex& index, const std::filesystem::path& file,
                          const std::filesystem::path& folder,
                          const std::vector<FoundPicture>& found, const EncodePictures& encode,
                          const UpdateOptions& options = {});

}  // namespace unclip
