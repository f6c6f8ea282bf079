#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

namespace unclip::train {

/// Writes images (3, H, W) in [0, 1], all of one size, as one PNG with `columns` images per row,
/// each pixel `scale` times as large. The last row is filled up with black; without images no file
/// is written.
void write_sheet(const std::filesystem::path& png, std::vector<at::Tensor> pictures,
                 int64_t columns = 8, int64_t scale = 1);

/// Judged images, in groups of one size: each image after those that it was made from.
class JudgedPictures {
 public:
  void add(bool right, const std::vector<at::Tensor>& group);
  /// Writes a sheet of at most 64 images, those judged wrong first. Makes the folder if it is
  /// missing.
  void write(const std::filesystem::path& png) const;

 private:
  std::vector<std::vector<at::Tensor>> wrong_, right_;
};

}  // namespace unclip::train
