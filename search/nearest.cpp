#include "search/nearest.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "pipeline/similarity.h"
#include "search/neighbour_graph.h"
#include "search/picture_index.h"

namespace unclip {
namespace {

constexpr int64_t kQueriesAtATime = 64;
constexpr int64_t kMostByGraph = 1000;  // neighbours; for more, a graph has to look at most rows

/// All rows but those that are gone.
std::vector<int64_t> rows_left(int64_t rows, const std::vector<bool>& gone) {
  std::vector<int64_t> left;
  for (int64_t row = 0; row < rows; ++row) {
    if (gone.empty() || !gone[static_cast<size_t>(row)]) left.push_back(row);
  }
  return left;
}

std::vector<Neighbours> by_graph(const at::Tensor& queries, const PictureIndex& index,
                                 const NearestOptions& options) {
  NeighbourGraph graph(index.embeddings.image_embedding, index.graph);
  for (size_t row = 0; row < options.gone.size(); ++row) {
    if (options.gone[row]) graph.leave_out(static_cast<int64_t>(row));
  }
  return graph.nearest(queries, options.count);
}

}  // namespace

std::vector<Neighbours> nearest_rows(const at::Tensor& queries, const at::Tensor& rows,
                                     int64_t count) {
  const auto unit = normalised(rows);
  std::vector<Neighbours> results;
  for (const auto& some : queries.split(kQueriesAtATime)) {
    const auto cosine = at::matmul(normalised(some), unit.t());  // (q, N)
    const auto [values, indices] = cosine.topk(std::min(count, rows.size(0)), /*dim=*/1);
    for (int64_t q = 0; q < values.size(0); ++q) {
      const auto* value = values[q].const_data_ptr<float>();
      const auto* row = indices[q].const_data_ptr<int64_t>();
      auto& result = results.emplace_back();
      for (int64_t k = 0; k < values.size(1); ++k) result.push_back({row[k], double{value[k]}});
    }
  }
  return results;
}

std::vector<Neighbours> nearest_pictures(const at::Tensor& queries, const PictureIndex& index,
                                         const NearestOptions& options) {
  if (index.graph.defined() && !options.exact && options.count <= kMostByGraph) {
    return by_graph(queries, index, options);
  }
  const auto& rows = index.embeddings.image_embedding;
  const auto left = rows_left(rows.size(0), options.gone);
  if (static_cast<int64_t>(left.size()) == rows.size(0)) {
    return nearest_rows(queries, rows, options.count);
  }
  auto results =
      nearest_rows(queries, rows.index_select(0, at::tensor(left, at::kLong)), options.count);
  for (auto& result : results) {
    for (auto& neighbour : result) neighbour.row = left[static_cast<size_t>(neighbour.row)];
  }
  return results;
}

}  // namespace unclip
