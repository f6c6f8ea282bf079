#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace unclip {

class Checkpoint;

/// A navigable small world graph of N rows, as tensors on the CPU. Each row has links on layer 0,
/// and on every layer up to its level; fewer than there is room for are followed by -1.
/// Malkov & Yashunin 2016, section 4, https://arxiv.org/abs/1603.09320
struct GraphTensors {
  at::Tensor levels;  // (N) int32
  at::Tensor links;   // (N, 2 M) int32, on layer 0
  at::Tensor upper;   // (sum of levels, M) int32: a row's layers from 1 on, row behind row
  int64_t entry = 0;  // the row that a search begins at, of the highest level

  bool defined() const { return links.defined(); }
  int64_t rows() const { return defined() ? links.size(0) : 0; }
};

/// M: links of a row on each layer above 0.
constexpr int64_t kLinks = 16;

/// By name, for a safetensors file.
std::map<std::string, at::Tensor> named(const GraphTensors& graph);
/// The graph of `rows` rows in the file, undefined where it has none. Throws Error where any link
/// of it leads to a row or a layer that is not there: whoever follows it need not look.
GraphTensors graph_in(const Checkpoint& file, int64_t rows);

/// The graph of some of the rows, at least one, in the order of `rows`: what was linked to a row
/// that is left out is linked to that one's neighbours, as far as there is room.
GraphTensors graph_of(const GraphTensors& graph, const std::vector<int64_t>& rows);

}  // namespace unclip
