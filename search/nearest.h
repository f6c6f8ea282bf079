#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace unclip {

struct PictureIndex;

/// A row of an index, and the cosine of its angle to a query.
struct Neighbour {
  int64_t row = 0;
  double cosine = 0;
};
using Neighbours = std::vector<Neighbour>;  // the nearest first

/// For each query the `count` nearest of the rows, or all where they are fewer.
/// queries (Q, D), rows (N, D), N at least 1
std::vector<Neighbours> nearest_rows(const at::Tensor& queries, const at::Tensor& rows,
                                     int64_t count);

struct NearestOptions {
  int64_t count = 10;
  bool exact = false;           // compare with every row, also where the index has a graph
  std::vector<bool> gone = {};  // N, or empty: rows that are not to be found
};

/// The same in an index: by its graph where it has one and `count` is small beside its rows, else
/// by every row's cosine. queries (Q, D)
std::vector<Neighbours> nearest_pictures(const at::Tensor& queries, const PictureIndex& index,
                                         const NearestOptions& options);

}  // namespace unclip
