#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace unclip {

class Checkpoint;
class Config;

/// How the graph of an index is built, and from which size of the index. Malkov & Yashunin 2016,
/// section 4.1, https://arxiv.org/abs/1603.09320
struct GraphOptions {
  int64_t m = 16;  // M: links of a row on each layer above 0; layer 0 has twice as many
  int64_t ef_construction = 200;  // candidates for a new row's links
  int64_t from = 50'000;          // the least number of distinct images for which a graph is built

  friend bool operator==(const GraphOptions&, const GraphOptions&) = default;
};
constexpr int64_t kLeastM = 2, kMostM = 128, kMostEf = 10'000;
constexpr int64_t kEfSearch = 256;  // candidates for a query's neighbours

/// The options as JSON, for an index's metadata.
std::string graph_options_text(const GraphOptions& options);
/// Reads the options from that JSON. Throws Error, which begins with the config's name, for a value
/// out of range.
GraphOptions read_graph_options(const Config& config);

/// A navigable small world graph of N rows, as tensors on the CPU. Each row has links on layer 0,
/// and on every layer up to its level. A list with fewer links than it has room for is filled up
/// with -1. Malkov & Yashunin 2016, section 4, https://arxiv.org/abs/1603.09320
struct GraphTensors {
  at::Tensor levels;  // (N) int32
  at::Tensor links;   // (N, 2 M) int32, on layer 0
  at::Tensor upper;   // (sum of levels, M) int32: for each row, its links on layers 1, 2, ...
  int64_t entry = 0;  // the row at which a search begins; it has the highest level

  bool defined() const { return links.defined(); }
  int64_t rows() const { return defined() ? links.size(0) : 0; }
  int64_t m() const { return links.size(1) / 2; }
};

/// The tensors by name, for a safetensors file.
std::map<std::string, at::Tensor> named(const GraphTensors& graph);
/// Reads the graph of `rows` rows from the file; undefined if it has none. Throws Error if a link
/// leads to a row or a layer that does not exist, so that following links later needs no checks.
GraphTensors graph_in(const Checkpoint& file, int64_t rows);

/// The graph of only some rows, at least one, in the order of `rows`. Links to a row that is left
/// out are replaced by links to its neighbours, as far as there is room.
GraphTensors graph_of(const GraphTensors& graph, const std::vector<int64_t>& rows);

}  // namespace unclip
