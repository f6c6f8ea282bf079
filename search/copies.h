#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace unclip {

class Checkpoint;

/// Two embeddings, scaled to length 1, count as copies of one image if their distance is at most
/// this. Encoding an image in batches of different sizes changes its embedding by about 1e-6.
constexpr double kCopyDistance = 1e-4;

/// The rows of an index, grouped by image. A group is identified by its first row.
struct Copies {
  std::vector<int64_t> first;  // N: for each row, the first row of its group

  int64_t rows() const { return static_cast<int64_t>(first.size()); }
  /// The first rows of all groups, in ascending order.
  std::vector<int64_t> distinct() const;
};

/// Finds the copies among x (N, D). `known` holds the groups of its first rows, which do not
/// change; later rows join them or begin new groups.
Copies find_copies(const at::Tensor& x, Copies known = {});

/// The groups of some of the rows, in the order of `rows`.
Copies select_copies(const Copies& copies, const std::vector<int64_t>& rows);

/// For each group of select_copies(copies, rows), in order, its index in copies.distinct().
std::vector<int64_t> kept_groups(const Copies& copies, const std::vector<int64_t>& rows);

/// The groups as a tensor (N) int32, for a file.
at::Tensor copies_tensor(const Copies& copies);
/// Reads the tensor `copy_of` of a file with `rows` rows. Throws Error if it is not a grouping.
Copies read_copies(const Checkpoint& file, int64_t rows);

}  // namespace unclip
