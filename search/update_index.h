#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "search/folder_changes.h"
#include "search/picture_index.h"

namespace unclip {

struct UpdateOptions {
  int64_t batch_size = 32;
  std::optional<GraphOptions> graph;  // absent: those of the index
  double seconds_between_saves = 60;
  /// Called for an image that cannot be read, with its name and the reason.
  std::function<void(const std::string& why)> on_skipped;
  /// Called with the progress of the current work, "pictures", "metadata" or "graph". If it returns
  /// false, the update ends with Cancelled.
  std::function<bool(const char* work, int64_t done, int64_t total)> on_progress;
};

struct UpdateCounts {
  int64_t added = 0, changed = 0, removed = 0, unchanged = 0;
  int64_t skipped = 0;  // could not be read; not counted in the others
  int64_t hidden = 0;   // removed by name before, and skipped
};

/// pictures, each uint8 (3, H, W) -> (B, D) float32
using EncodePictures = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

/// Updates the index to the images found in its folder. Encodes only those that are new, have
/// changed, or could not be read before, and writes the index to `file` if anything changed. An
/// update that ends early, by Cancelled or an Error, has saved the images that it encoded, and the
/// next update continues there. Throws Error if not a single image can be read.
UpdateCounts update_index(PictureIndex& index, const std::filesystem::path& file,
                          const std::filesystem::path& folder,
                          const std::vector<FoundPicture>& found, const EncodePictures& encode,
                          const UpdateOptions& options = {});

}  // namespace unclip
