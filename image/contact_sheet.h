#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace unclip {

/// An image of a contact sheet, and the text below it.
struct SheetPicture {
  at::Tensor image;  ///< (3, H, W), in [0, 1] or uint8
  std::string text;  ///< UTF-8, on two lines at most; the rest is elided
  std::string note;  ///< paler, in one line below the text
};

struct SheetOptions {
  int64_t columns = 0;  ///< 0: one for each label; without labels about as many as rows
  std::vector<std::string> column_labels;  ///< above the columns; empty: none
  std::vector<std::string> row_labels;     ///< left of the rows; empty: none
};

struct SheetSize {
  int64_t height, width;
};

/// Draws the images in a grid on white, row by row. Each is unchanged, in the middle of its cell;
/// all cells have the size of the largest image. -> (3, H, W) uint8
at::Tensor contact_sheet(const std::vector<SheetPicture>& pictures,
                         const SheetOptions& options = {});

/// The largest size that a sheet of `count` images (3, height, width) can have.
SheetSize contact_sheet_size(int64_t count, int64_t height, int64_t width,
                             const SheetOptions& options = {});

}  // namespace unclip
