#include "lab/sweep.h"

#include <sstream>

#include "base/error.h"
#include "base/nearest_name.h"
#include "base/parse_number.h"
#include "kernels/tensor.h"
#include "lab/settings.h"

namespace unclip::lab {

namespace {

constexpr size_t kMostLabel = 24;  // characters above a column

/// Whether the last key of a sampler's text takes a list of numbers: "ddim:sigmas=14,7".
bool ends_in_list(const std::string& walk) {
  const auto equals = walk.rfind('=');
  if (equals == walk.npos || walk.find(':') > equals) return false;
  const auto key = walk.find_last_of(":,", equals) + 1;
  const auto name = walk.substr(key, equals - key);
  return name == "sigmas" || name == "timesteps";
}

std::string shown_value(const Axis& axis, const std::string& value) {
  return axis.name.ends_with("-scheduler") ? spaced(value) : value;
}

}  // namespace

SweepGrid::SweepGrid(std::vector<Axis> axes, const std::string& columns) : axes_(std::move(axes)) {
  std::vector<std::string> names;
  for (size_t k = 0; k < axes_.size(); ++k) {
    names.push_back(axes_[k].name);
    if (columns.empty() ? axes_[k].values.size() > 1 : axes_[k].name == columns) columns_ = k;
  }
  if (!columns.empty() && axes_[columns_].name != columns) {
    fail("there is no axis '", columns, "'; ", name_hint(columns, names));
  }
}

int64_t SweepGrid::cells() const {
  int64_t cells = 1;
  for (const auto& axis : axes_) {
    const auto size = static_cast<int64_t>(axis.values.size());
    if (cells > INT64_MAX / size) return INT64_MAX;
    cells *= size;
  }
  return cells;
}

std::vector<std::string> SweepGrid::values(int64_t cell) const {
  std::vector<std::string> values(axes_.size());
  for (size_t k = axes_.size(); k-- > 0;) {
    const auto size = static_cast<int64_t>(axes_[k].values.size());
    values[k] = axes_[k].values[static_cast<size_t>(cell % size)];
    cell /= size;
  }
  return values;
}

std::pair<size_t, size_t> SweepGrid::place(int64_t cell) const {
  size_t row = 0, column = 0, rows = 1;
  for (size_t k = axes_.size(); k-- > 0;) {
    const auto size = axes_[k].values.size();
    const auto at = static_cast<size_t>(cell) % size;
    cell /= static_cast<int64_t>(size);
    if (k == columns_) {
      column = at;
    } else {
      row += rows * at;
      rows *= size;
    }
  }
  return {row, column};
}

SheetOptions SweepGrid::layout() const {
  SheetOptions options;
  const auto& right = axes_[columns_];
  options.columns = static_cast<int64_t>(right.values.size());
  for (const auto& value : right.values) {
    // A long value leaves no room for the name, and is clear without it.
    const auto label = right.name + " " + value;
    options.column_labels.push_back(label.size() > kMostLabel ? shown_value(right, value) : label);
  }
  const auto rows = static_cast<size_t>(cells()) / right.values.size();
  options.row_labels.resize(rows);
  for (int64_t cell = 0; cell < cells(); ++cell) {
    const auto [row, column] = place(cell);
    if (column != 0) continue;
    std::string label;
    const auto all = values(cell);
    for (size_t k = 0; k < axes_.size(); ++k) {
      if (k == columns_ || axes_[k].values.size() == 1) continue;
      label.append(label.empty() ? "" : ", ").append(axes_[k].name);
      label.append(" ").append(shown_value(axes_[k], all[k]));
    }
    options.row_labels[row] = label;
  }
  if (rows == 1 && options.row_labels[0].empty()) options.row_labels.clear();
  return options;
}

at::Tensor SweepGrid::sheet(const std::vector<at::Tensor>& pictures) const {
  TORCH_CHECK(static_cast<int64_t>(pictures.size()) == cells(), "sheet: ", pictures.size(),
              " pictures of ", cells(), " cells");
  std::vector<SheetPicture> placed(pictures.size());
  const auto columns = axes_[columns_].values.size();
  for (size_t cell = 0; cell < pictures.size(); ++cell) {
    const auto [row, column] = place(static_cast<int64_t>(cell));
    placed[row * columns + column].image = pictures[cell];
  }
  return contact_sheet(placed, layout());
}

std::vector<std::string> axis_values(const std::string& text) {
  std::vector<std::string> values;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, ',');) {
    const auto equals = part.find('=');
    const bool goes_on = equals != part.npos && part.find(':') > equals && !values.empty() &&
                         values.back().find(':') != std::string::npos;
    if (goes_on || (!values.empty() && parse_number<double>(part) && ends_in_list(values.back()))) {
      values.back().append(",").append(part);
    } else {
      values.push_back(part);
    }
  }
  if (text.empty() || text.back() == ',') values.emplace_back();
  return values;
}

}  // namespace unclip::lab
