#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace unclip {

/// A picture of a contact sheet, and what stands below it.
struct SheetPicture {
  at::Tensor image;  ///< (3, H, W), in [0, 1] or uint8
  std::string text;  ///< UTF-8, in two lines at most; what has no room is elided
  std::string note;  ///< paler, in one line below the text
};

struct SheetOptions {
  int64_t columns = 0;                     ///< 0: one for each label, else about as many as rows
  std::vector<std::string> column_labels;  ///< above the columns; empty: none
  std::vector<std::string> row_labels;     ///< left of the rows; empty: none
};

struct SheetSize {
  int64_t height, width;
};

/// The pictures in a grid on white, row by row, each unchanged and in the middle of its cell, which
/// is as large as the largest picture. -> (3, H, W) uint8
at::Tensor contact_sheet(const std::vector<SheetPicture>& pictures,
                         const SheetOptions& options = {});

/// How large a sheet of `count` pictures (3, height, width) becomes at most.
SheetSize contact_sheet_size(int64_t count, int64_t height, int64_t width,
                             const SheetOptions& options = {});

}  // namespace unclip
