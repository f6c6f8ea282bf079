// How many of the ten nearest rows the graph of an index finds, and what it takes, beside comparing
// with every row.
//
//   search_graph [ROWS [WIDTH [CLUSTERS]]]    60000 rows of 128 numbers around 500 centres
//
// Rows lie around their centres with half the centres' spread; the queries are drawn as they are.

#include <ATen/ATen.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "search/neighbour_graph.h"

namespace {

constexpr int64_t kQueries = 200;
constexpr int64_t kNearest = 10;

/// Calls `work` and prints how long that took.
template <class Work>
auto timed(const char* what, double times, const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("| %s | %.2f ms |\n", what, 1000 * took.count() / times);
  return result;
}

double recall(const std::vector<unclip::Neighbours>& found,
              const std::vector<unclip::Neighbours>& exact) {
  int64_t both = 0;
  for (size_t q = 0; q < exact.size(); ++q) {
    std::set<int64_t> rows;
    for (const auto& neighbour : found[q]) rows.insert(neighbour.row);
    for (const auto& neighbour : exact[q]) both += rows.contains(neighbour.row);
  }
  return static_cast<double>(both) / (kQueries * kNearest);
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, int64_t otherwise) {
    return argc > i ? std::atoll(argv[i]) : otherwise;
  };
  const int64_t rows = number(1, 60'000), width = number(2, 128), clusters = number(3, 500);
  at::manual_seed(1);
  const auto centres = at::randn({clusters, width});
  const auto drawn = [&](int64_t count) {
    return centres.index_select(0, at::randint(clusters, {count}, at::kLong)) +
           0.5 * at::randn({count, width});
  };
  const auto x = drawn(rows), queries = drawn(kQueries);
  std::printf("| %lld rows of %lld, %lld clusters | |\n| --- | --- |\n",
              static_cast<long long>(rows), static_cast<long long>(width),
              static_cast<long long>(clusters));
  const auto tensors = timed("link the rows", 1, [&] { return unclip::link_rows(x); });
  const auto graph = timed("take the graph to memory", 1,
                           [&] { return std::make_unique<unclip::NeighbourGraph>(x, tensors); });
  const auto found =
      timed("a query by the graph", kQueries, [&] { return graph->nearest(queries, kNearest); });
  timed("one query with every row", 1,
        [&] { return unclip::nearest_rows(queries.narrow(0, 0, 1), x, kNearest); });
  const auto exact = timed("each of 200 queries with every row", kQueries,
                           [&] { return unclip::nearest_rows(queries, x, kNearest); });
  std::printf("| recall@10 | %.4f |\n", recall(found, exact));
}
