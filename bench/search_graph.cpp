// How many of the ten nearest images the graph of an index finds, and what it costs: by M,
// ef_construction and ef_search, and by the share of copies. Prints CSV.
//
//   search_graph [ROWS [WIDTH [CLUSTERS]]]    50500 rows of 128 numbers around 20 centres
//
// Rows lie around their centres with half the centres' spread; the queries are drawn alike. Times
// are the processor's, so that other work on the machine counts little.

#include <ATen/ATen.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>

#include "search/nearest.h"
#include "search/neighbour_graph.h"
#include "search/picture_index.h"

namespace {

constexpr int64_t kQueries = 200;
constexpr int64_t kNearest = 10;

/// Seconds of processor time, of all threads, that `work` takes.
template <class Work>
double seconds(const Work& work) {
  const auto begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// The share of the images in `exact` that were found.
template <class Found, class Exact>
double recall(const std::vector<Found>& found, const std::vector<Exact>& exact) {
  int64_t both = 0, all = 0;
  for (size_t q = 0; q < exact.size(); ++q) {
    std::set<int64_t> rows;
    for (const auto& each : found[q]) rows.insert(each.row);
    for (const auto& each : exact[q]) both += rows.contains(each.row);
    all += static_cast<int64_t>(exact[q].size());
  }
  return static_cast<double>(both) / static_cast<double>(all);
}

struct Data {
  at::Tensor centres;
  at::Tensor draw(int64_t count) const {
    const auto which = at::randint(centres.size(0), {count}, at::kLong);
    return centres.index_select(0, which) + 0.5 * at::randn({count, centres.size(1)});
  }
};

double megabytes(const unclip::GraphTensors& graph) {
  return static_cast<double>(graph.levels.nbytes() + graph.links.nbytes() + graph.upper.nbytes()) /
         1e6;
}

void measure_options(const at::Tensor& rows, const at::Tensor& queries) {
  std::vector<unclip::Neighbours> exact;
  const auto all = seconds([&] { exact = unclip::nearest_rows(queries, rows, kNearest); });
  std::printf("every row,,,,%.3f,1,,\n", 1000 * all / kQueries);
  for (const int64_t m : {8, 16, 32}) {
    for (const int64_t ef_construction : {100, 200, 400}) {
      unclip::GraphTensors graph;
      const auto build = seconds(
          [&] { graph = unclip::link_rows(rows, {.m = m, .ef_construction = ef_construction}); });
      for (const int64_t ef_search : {10, 32, 64, 128, 256, 512}) {
        const unclip::NeighbourGraph search(rows, graph, ef_search);
        std::vector<unclip::Neighbours> found;
        const auto query = seconds([&] { found = search.nearest(queries, kNearest); });
        std::printf("options,%ld,%ld,%ld,%.3f,%.4f,%.1f,%.1f\n", static_cast<long>(m),
                    static_cast<long>(ef_construction), static_cast<long>(ef_search),
                    1000 * query / kQueries, recall(found, exact), build, megabytes(graph));
        std::fflush(stdout);
      }
    }
  }
}

/// `copied`: how many images all the copies are of.
void measure_copies(const Data& data, int64_t count, double share, int64_t copied) {
  const auto copies = static_cast<int64_t>(share * static_cast<double>(count));
  const auto originals = data.draw(count - copies);
  const auto which = at::randint(copied, {copies}, at::kLong);
  unclip::PictureIndex index;
  auto& rows = index.embeddings.image_embedding;
  rows =
      at::cat({originals, originals.index_select(0, which)}).index_select(0, at::randperm(count));
  const auto group = seconds([&] { index.copies = unclip::find_copies(rows); });
  const auto distinct = at::tensor(index.copies.distinct(), at::kLong);
  const auto queries = data.draw(kQueries);
  const auto exact = unclip::nearest_pictures(queries, index, {.exact = true});
  const auto build =
      seconds([&] { index.graph = unclip::link_rows(rows.index_select(0, distinct)); });
  const auto found = unclip::nearest_pictures(queries, index, {});
  const auto some = rows.narrow(0, 0, kQueries);
  const auto themselves = unclip::nearest_pictures(some, index, {.count = 1});
  int64_t found_themselves = 0;
  for (int64_t row = 0; row < kQueries; ++row) {
    const auto first = themselves[static_cast<size_t>(row)][0].row;
    found_themselves += index.copies.first[static_cast<size_t>(first)] ==
                        index.copies.first[static_cast<size_t>(row)];
  }
  std::printf("copies,%g,%ld,%ld,%.4f,%.4f,%.1f,%.2f\n", share, static_cast<long>(copied),
              static_cast<long>(distinct.size(0)), recall(found, exact),
              static_cast<double>(found_themselves) / kQueries, build, group);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, int64_t fallback) {
    return argc > i ? std::atoll(argv[i]) : fallback;
  };
  const int64_t rows = number(1, 50'500), width = number(2, 128), clusters = number(3, 20);
  at::manual_seed(1);
  const Data data{at::randn({clusters, width})};
  std::printf("# %ld rows of %ld numbers around %ld centres\n", static_cast<long>(rows),
              static_cast<long>(width), static_cast<long>(clusters));
  std::printf("# options,m,ef_construction,ef_search,ms a query,recall,build s,graph MB\n");
  std::printf("# copies,share,images copied,distinct,recall,find themselves,build s,group s\n");
  const auto x = data.draw(rows);
  measure_options(x, data.draw(kQueries));
  for (const double share : {0.05, 0.2, 0.5, 0.99}) {
    for (const int64_t copied : {1, 50}) measure_copies(data, rows, share, copied);
  }
}
