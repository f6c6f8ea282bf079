#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

namespace unclip::train {

/// Writes pictures (3, H, W) in [0, 1], all of one size, as one PNG in rows of `columns`, each
/// pixel `scale` times as large. An unfinished last row is filled with black; no pictures, no file.
void write_sheet(const std::filesystem::path& png, std::vector<at::Tensor> pictures,
                 int64_t columns = 8, int64_t scale = 1);

/// Pictures that were judged, in groups of one size: each with what it was made of before it.
class JudgedPictures {
 public:
  void add(bool right, const std::vector<at::Tensor>& group);
  /// A sheet of at most 64 pictures, those judged wrong first. Makes the folder where it is
  /// missing.
  void write(const std::filesystem::path& png) const;

 private:
  std::vector<std::vector<at::Tensor>> wrong_, right_;
};

}  // namespace unclip::train
