#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include "search/graph_tensors.h"
#include "search/nearest.h"

namespace unclip {

/// Called from time to time with the number of rows linked so far; may throw to end the work.
using OnRows = std::function<void(int64_t done)>;

/// Builds the graph of x (N, D) float32, N at least 1. `known` is undefined, or the graph of its
/// first rows with the same M; these are not linked again.
GraphTensors link_rows(const at::Tensor& x, const GraphOptions& options = {},
                       const GraphTensors& known = {}, const OnRows& on_rows = nullptr);

/// Finds nearly all of the nearest rows while visiting few others: a hierarchical navigable small
/// world (HNSW). Malkov & Yashunin 2016, https://arxiv.org/abs/1603.09320
class NeighbourGraph {
 public:
  /// x (N, D) float32, and the graph of these rows. `ef_search` is the number of candidates kept
  /// for each query: with more, a query finds more of the nearest rows and takes longer.
  NeighbourGraph(const at::Tensor& x, const GraphTensors& graph, int64_t ef_search = kEfSearch);
  ~NeighbourGraph();
  NeighbourGraph(const NeighbourGraph&) = delete;
  NeighbourGraph& operator=(const NeighbourGraph&) = delete;

  /// Removes the row from later results.
  void leave_out(int64_t row);
  /// The `count` nearest rows of each query. queries (Q, D) float32
  std::vector<Neighbours> nearest(const at::Tensor& queries, int64_t count) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace unclip
