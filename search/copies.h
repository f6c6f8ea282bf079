#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace unclip {

class Checkpoint;

/// Two embeddings, brought to length 1, belong to copies of one image if they are no further apart
/// than this. Encoding an image in batches of other sizes moves its embedding by about 1e-6.
constexpr double kCopyDistance = 1e-4;

/// Groups the rows of an index by image. A group is named by its first row.
struct Copies {
  std::vector<int64_t> first;  // N: the first row of each row's group; that row's is itself

  int64_t rows() const { return static_cast<int64_t>(first.size()); }
  /// The first rows of all groups, in rising order.
  std::vector<int64_t> distinct() const;
};

/// Finds the copies among x (N, D). `known` are the groups of its first rows, which stay as they
/// are; later rows join them or begin groups of their own.
Copies find_copies(const at::Tensor& x, Copies known = {});

/// The groups of some of the rows, in the order of `rows`.
Copies select_copies(const Copies& copies, const std::vector<int64_t>& rows);

/// For each group of select_copies(copies, rows), in order, the number of its group among
/// copies.distinct().
std::vector<int64_t> kept_groups(const Copies& copies, const std::vector<int64_t>& rows);

/// (N) int32, for a file.
at::Tensor copies_tensor(const Copies& copies);
/// Reads the tensor `copy_of` of a file with `rows` rows. Throws Error if it is not a grouping.
Copies read_copies(const Checkpoint& file, int64_t rows);

}  // namespace unclip
