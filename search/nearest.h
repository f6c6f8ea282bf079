#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "search/graph_tensors.h"

namespace unclip {

struct PictureIndex;

/// A row, and the cosine of the angle between it and a query.
struct Neighbour {
  int64_t row = 0;
  double cosine = 0;
};
using Neighbours = std::vector<Neighbour>;  // the nearest first

/// For each query, the `count` nearest rows, or all rows if there are fewer. queries (Q, D), rows
/// (N, D), N at least 1
std::vector<Neighbours> nearest_rows(const at::Tensor& queries, const at::Tensor& rows,
                                     int64_t count);

struct NearestOptions {
  int64_t count = 10;
  bool exact = false;             // compare with every image, even if the index has a graph
  int64_t ef_search = kEfSearch;  // see NeighbourGraph; at least `count` is used
  std::vector<bool> hidden = {};  // N, or empty: rows to exclude from the results
};

/// An image of an index, the cosine of the angle between it and a query, and the rows of its
/// copies.
struct FoundImage {
  int64_t row = 0;
  double cosine = 0;
  std::vector<int64_t> copies;
};

/// For each query, the `count` nearest images of an index that are not hidden, the nearest first;
/// copies of an image count as one. Searches by the graph if there is one, `count` is small and
/// most images are not hidden; otherwise compares with every image. queries (Q, D)
std::vector<std::vector<FoundImage>> nearest_pictures(const at::Tensor& queries,
                                                      const PictureIndex& index,
                                                      const NearestOptions& options);

}  // namespace unclip
