#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "image/contact_sheet.h"

namespace unclip::lab {

/// An option, and what it is in turn.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};

/// All combinations of some options' values. The last axis goes through its values first, so that
/// what stands before it stays the same for as long as it can.
class SweepGrid {
 public:
  /// `columns`: the axis that goes to the right; empty: the last one with several values. Throws
  /// Error where there is no such axis.
  SweepGrid(std::vector<Axis> axes, const std::string& columns = "");

  const std::vector<Axis>& axes() const { return axes_; }
  int64_t cells() const;  // INT64_MAX where there are more
  /// A cell's value on each axis.
  std::vector<std::string> values(int64_t cell) const;

  /// The cells' pictures, in their order -> a sheet with a row for each combination of what does
  /// not go to the right, (3, H, W) uint8.
  at::Tensor sheet(const std::vector<at::Tensor>& pictures) const;
  /// What that sheet is laid out as.
  SheetOptions layout() const;

 private:
  /// A cell's place: its row and column on the sheet.
  std::pair<size_t, size_t> place(int64_t cell) const;

  std::vector<Axis> axes_;
  size_t columns_ = 0;  // which of them goes to the right
};

/// "a,b" -> a, b. Commas within a sampler's specification separate no values: a part with a = and
/// no : before it belongs to the value before, as in "ddim:eta=1,clip=no,heun", and so does a
/// number after sigmas= or timesteps=.
std::vector<std::string> axis_values(const std::string& text);

}  // namespace unclip::lab
