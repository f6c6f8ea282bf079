#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include "search/graph_tensors.h"
#include "search/nearest.h"

namespace unclip {

/// Called now and then with the number of rows that are linked; may throw to end the work.
using OnRows = std::function<void(int64_t done)>;

/// Builds the graph of x (N, D) float32, N at least 1. `known` is the graph of its first rows with
/// the same M, which are not linked again, or undefined.
GraphTensors link_rows(const at::Tensor& x, const GraphOptions& options = {},
                       const GraphTensors& known = {}, const OnRows& on_rows = nullptr);

/// Finds nearly all of the nearest rows and looks at few others: a hierarchical navigable small
/// world (HNSW). Malkov & Yashunin 2016, https://arxiv.org/abs/1603.09320
class NeighbourGraph {
 public:
  /// x (N, D) float32, and the graph of these rows. `ef_search` candidates are kept for each query:
  /// more find more of the nearest rows, and take longer.
  NeighbourGraph(const at::Tensor& x, const GraphTensors& graph, int64_t ef_search = kEfSearch);
  ~NeighbourGraph();
  NeighbourGraph(const NeighbourGraph&) = delete;
  NeighbourGraph& operator=(const NeighbourGraph&) = delete;

  /// Removes the row from later results.
  void leave_out(int64_t row);
  /// The `count` nearest of each query. queries (Q, D) float32
  std::vector<Neighbours> nearest(const at::Tensor& queries, int64_t count) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace unclip
