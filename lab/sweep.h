#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "image/contact_sheet.h"

namespace unclip::lab {

/// An option, and the values that it takes.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};

/// All combinations of some options' values. The last axis varies fastest, so that the options
/// before it stay the same for as long as possible.
class SweepGrid {
 public:
  /// `columns` names the axis along the columns of the sheet; empty: the last one with several
  /// values. Throws Error if there is no such axis.
  SweepGrid(std::vector<Axis> axes, const std::string& columns = "");

  const std::vector<Axis>& axes() const { return axes_; }
  int64_t cells() const;  // INT64_MAX if there are more
  /// A cell's value on each axis.
  std::vector<std::string> values(int64_t cell) const;

  /// The sheet of the cells' images, which are passed in the cells' order -> (3, H, W) uint8. It
  /// has one row for each combination of the axes that are not along the columns.
  at::Tensor sheet(const std::vector<at::Tensor>& pictures) const;
  /// The layout of that sheet.
  SheetOptions layout() const;

 private:
  /// A cell's place: its row and column on the sheet.
  std::pair<size_t, size_t> place(int64_t cell) const;

  std::vector<Axis> axes_;
  size_t columns_ = 0;  // index of the axis along the columns
};

/// The values of a list: "a,b" -> a, b. Commas within a sampler's text do not separate values: a
/// part with a = and no : before it belongs to the previous value, as in "ddim:eta=1,clip=no,heun",
/// and so does a number after sigmas= or timesteps=.
std::vector<std::string> axis_values(const std::string& text);

}  // namespace unclip::lab
