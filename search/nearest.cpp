#include "search/nearest.h"

#include <algorithm>

#include "embedding/similarity.h"
#include "kernels/tensor.h"
#include "search/neighbour_graph.h"
#include "search/picture_index.h"

namespace unclip {
namespace {

constexpr int64_t kQueriesAtATime = 64;
constexpr int64_t kMostByGraph = 1000;  // for more neighbours a graph visits most rows

/// The groups of copies of an index, in its graph's order, without the rows that are hidden.
class Groups {
 public:
  Groups(const Copies& copies, const std::vector<bool>& hidden) {
    std::vector<int64_t> number_of(copies.first.size());
    for (size_t row = 0; row < copies.first.size(); ++row) {
      const auto first = static_cast<size_t>(copies.first[row]);
      if (first == row) {
        number_of[row] = static_cast<int64_t>(rows_.size());
        rows_.emplace_back();
      }
      if (!hidden.empty() && hidden[row]) continue;
      auto& group = rows_[static_cast<size_t>(number_of[first])];
      if (group.empty()) ++visible_;
      group.push_back(static_cast<int64_t>(row));
    }
  }

  int64_t count() const { return static_cast<int64_t>(rows_.size()); }
  int64_t visible() const { return visible_; }
  /// The rows of a group that are not hidden; empty if all are.
  const std::vector<int64_t>& rows(int64_t group) const {
    return rows_[static_cast<size_t>(group)];
  }

 private:
  std::vector<std::vector<int64_t>> rows_;
  int64_t visible_ = 0;  // groups with a row that is not hidden
};

/// Neighbours among the groups, by the graph.
std::vector<Neighbours> by_graph(const at::Tensor& queries, const PictureIndex& index,
                                 const Groups& groups, const NearestOptions& options) {
  const auto& x = index.embeddings.image_embedding;
  const auto distinct = index.copies.distinct();
  const bool all = groups.count() == x.size(0);
  NeighbourGraph graph(all ? x : x.index_select(0, ops::tensor(distinct, at::kLong)), index.graph,
                       std::max(options.ef_search, options.count));
  for (int64_t group = 0; group < groups.count(); ++group) {
    if (groups.rows(group).empty()) graph.leave_out(group);
  }
  return graph.nearest(queries, options.count);
}

/// The same by computing the cosine of every group that is not hidden.
std::vector<Neighbours> by_comparing(const at::Tensor& queries, const PictureIndex& index,
                                     const Groups& groups, const NearestOptions& options) {
  const auto& x = index.embeddings.image_embedding;
  if (groups.visible() == x.size(0)) return nearest_rows(queries, x, options.count);
  std::vector<int64_t> visible, rows;
  for (int64_t group = 0; group < groups.count(); ++group) {
    if (groups.rows(group).empty()) continue;
    visible.push_back(group);
    rows.push_back(groups.rows(group).front());
  }
  auto results =
      nearest_rows(queries, x.index_select(0, ops::tensor(rows, at::kLong)), options.count);
  for (auto& result : results) {
    for (auto& neighbour : result) neighbour.row = visible[static_cast<size_t>(neighbour.row)];
  }
  return results;
}

}  // namespace

std::vector<Neighbours> nearest_rows(const at::Tensor& queries, const at::Tensor& rows,
                                     int64_t count) {
  const auto unit = normalised(rows);
  std::vector<Neighbours> results;
  for (const auto& some : queries.split(kQueriesAtATime)) {
    const auto cosine = normalised(some).matmul(unit.t());  // (q, N)
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

std::vector<std::vector<FoundImage>> nearest_pictures(const at::Tensor& queries,
                                                      const PictureIndex& index,
                                                      const NearestOptions& options) {
  const Groups groups(index.copies, options.hidden);
  if (groups.visible() == 0) {
    return std::vector<std::vector<FoundImage>>(static_cast<size_t>(queries.size(0)));
  }
  // If many rows are hidden, a search by the graph visits too many rows, or ends before it has
  // found enough.
  const bool follow = index.graph.defined() && !options.exact && options.count <= kMostByGraph &&
                      2 * groups.visible() >= groups.count();
  const auto found = follow ? by_graph(queries, index, groups, options)
                            : by_comparing(queries, index, groups, options);
  std::vector<std::vector<FoundImage>> results;
  for (const auto& neighbours : found) {
    auto& result = results.emplace_back();
    for (const auto& [group, cosine] : neighbours) {
      const auto& rows = groups.rows(group);
      result.push_back({rows.front(), cosine, {rows.begin() + 1, rows.end()}});
    }
  }
  return results;
}

}  // namespace unclip
