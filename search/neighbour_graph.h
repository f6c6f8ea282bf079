#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include "search/graph_tensors.h"
#include "search/nearest.h"

namespace unclip {

/// Told now and then how many rows are linked; it may throw, and so end the work.
using OnRows = std::function<void(int64_t done)>;

/// The graph of x (N, D) float32, N at least 1. `known` is that of its first rows, which are not
/// linked again, or undefined.
GraphTensors link_rows(const at::Tensor& x, const GraphTensors& known = {},
                       const OnRows& on_rows = nullptr);

/// Finds nearly all of the nearest rows, and looks at few of the others: a hierarchical navigable
/// small world. Malkov & Yashunin 2016, https://arxiv.org/abs/1603.09320
class NeighbourGraph {
 public:
  /// x (N, D) float32, and the graph of these rows.
  NeighbourGraph(const at::Tensor& x, const GraphTensors& graph);
  ~NeighbourGraph();
  NeighbourGraph(const NeighbourGraph&) = delete;
  NeighbourGraph& operator=(const NeighbourGraph&) = delete;

  /// From now on the row is not found.
  void leave_out(int64_t row);
  /// The `count` nearest of each query. queries (Q, D) float32
  std::vector<Neighbours> nearest(const at::Tensor& queries, int64_t count) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace unclip
