#include "search/copies.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "embedding/similarity.h"
#include "kernels/tensor.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

constexpr size_t kAxes = 3;
constexpr int kMostCompared = 256;  // rows that one row is compared with
constexpr double kCellsPerReach = 8;

/// Finds a row's copies by a grid over three random directions. The rows within kCopyDistance of it
/// are in the same cell, or in the next one if the row is near the cell's border.
class CopyFinder {
 public:
  explicit CopyFinder(const at::Tensor& x)
      : unit_(normalised(x).contiguous()), width_(unit_.size(1)) {
    // The component of a vector of length d along a random direction has a standard deviation of d
    // / sqrt(D). A reach of four deviations misses one copy in 5,000; 1e-6 allows for rounding.
    reach_ = std::min(1.0, 4 / std::sqrt(static_cast<double>(width_))) * kCopyDistance + 1e-6;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t{1});
    const auto axes = ops::randn({width_, static_cast<int64_t>(kAxes)}, generator);
    along_ = unit_.matmul(axes / axes.norm(2, {0}, /*keepdim=*/true)).contiguous();  // (N, 3)
  }

  /// An earlier row of which `row` is a copy; -1 if there is none.
  int64_t find(int64_t row) const {
    std::array<int64_t, kAxes> low{}, high{};
    for (size_t axis = 0; axis < kAxes; ++axis) {
      low[axis] = cell(row, axis, -reach_);
      high[axis] = cell(row, axis, reach_);
    }
    int left = kMostCompared;
    for (auto a = low[0]; a <= high[0]; ++a) {
      for (auto b = low[1]; b <= high[1]; ++b) {
        for (auto c = low[2]; c <= high[2]; ++c) {
          if (const auto found = find_in(key({a, b, c}), row, left); found >= 0) return found;
        }
      }
    }
    return -1;
  }

  void add(int64_t row) {
    cells_[key({cell(row, 0, 0), cell(row, 1, 0), cell(row, 2, 0)})].push_back(row);
  }

 private:
  int64_t cell(int64_t row, size_t axis, double offset) const {
    const double at =
        double{along_.const_data_ptr<float>()[row * int64_t{kAxes} + static_cast<int64_t>(axis)]};
    return static_cast<int64_t>(std::floor((at + offset) / (kCellsPerReach * reach_)));
  }

  /// The key of a cell. Cells with the same key only cost more comparisons.
  static uint64_t key(const std::array<int64_t, kAxes>& cells) {
    uint64_t key = 0;
    for (const auto each : cells) {
      key = (key ^ static_cast<uint64_t>(each)) * 0x9E3779B97F4A7C15;
      key ^= key >> 29;
    }
    return key;
  }

  int64_t find_in(uint64_t key, int64_t row, int& left) const {
    const auto it = cells_.find(key);
    if (it == cells_.end()) return -1;
    for (const auto other : it->second) {
      if (left-- <= 0) return -1;
      if (distance_squared(row, other) <= kCopyDistance * kCopyDistance) return other;
    }
    return -1;
  }

  double distance_squared(int64_t a, int64_t b) const {
    const auto* x = unit_.const_data_ptr<float>() + a * width_;
    const auto* y = unit_.const_data_ptr<float>() + b * width_;
    double sum = 0;
    for (int64_t k = 0; k < width_; ++k) sum += double{x[k] - y[k]} * double{x[k] - y[k]};
    return sum;
  }

  at::Tensor unit_;  // (N, D), of length 1
  int64_t width_;
  double reach_ = 0;
  at::Tensor along_;  // (N, 3)
  std::unordered_map<uint64_t, std::vector<int64_t>> cells_;
};

}  // namespace

std::vector<int64_t> Copies::distinct() const {
  std::vector<int64_t> result;
  for (int64_t row = 0; row < rows(); ++row) {
    if (first[static_cast<size_t>(row)] == row) result.push_back(row);
  }
  return result;
}

Copies find_copies(const at::Tensor& x, Copies known) {
  if (known.rows() == x.size(0)) return known;
  CopyFinder finder(x);
  for (const auto row : known.distinct()) finder.add(row);
  known.first.reserve(static_cast<size_t>(x.size(0)));
  for (auto row = known.rows(); row < x.size(0); ++row) {
    const auto found = finder.find(row);
    if (found < 0) finder.add(row);
    known.first.push_back(found < 0 ? row : found);
  }
  return known;
}

Copies select_copies(const Copies& copies, const std::vector<int64_t>& rows) {
  Copies selected;
  std::unordered_map<int64_t, int64_t> new_first;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto group = copies.first[static_cast<size_t>(rows[i])];
    selected.first.push_back(new_first.try_emplace(group, static_cast<int64_t>(i)).first->second);
  }
  return selected;
}

std::vector<int64_t> kept_groups(const Copies& copies, const std::vector<int64_t>& rows) {
  std::unordered_map<int64_t, int64_t> number_of;
  for (const auto row : copies.distinct()) {
    number_of.emplace(row, static_cast<int64_t>(number_of.size()));
  }
  std::vector<int64_t> groups;
  for (const auto row : rows) {
    const auto it = number_of.find(copies.first[static_cast<size_t>(row)]);
    if (it == number_of.end()) continue;  // an earlier row is of the same group
    groups.push_back(it->second);
    number_of.erase(it);
  }
  return groups;
}

at::Tensor copies_tensor(const Copies& copies) {
  auto x = ops::empty({copies.rows()}, at::kInt);
  std::copy(copies.first.begin(), copies.first.end(), x.data_ptr<int32_t>());
  return x;
}

Copies read_copies(const Checkpoint& file, int64_t rows) {
  const auto x = file.tensor("copy_of");
  if (x.scalar_type() != at::kInt || x.dim() != 1 || x.size(0) != rows) {
    fail(file.name(), ": 'copy_of': expected Int [", rows, "], got ", x.scalar_type(), " ",
         x.sizes());
  }
  const auto* of = x.const_data_ptr<int32_t>();
  Copies copies;
  for (int64_t row = 0; row < rows; ++row) {
    if (of[row] < 0 || of[row] > row || of[of[row]] != of[row]) {
      fail(file.name(), ": row ", row, " of 'copy_of': expected the first row of its group, got ",
           of[row]);
    }
    copies.first.push_back(of[row]);
  }
  return copies;
}

}  // namespace unclip
