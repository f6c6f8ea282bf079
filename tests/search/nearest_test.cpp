#include "search/nearest.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "embedding/similarity.h"
#include "search/neighbour_graph.h"
#include "search/picture_index.h"

namespace unclip {
namespace {

/// N rows around `clusters` centres, as pictures of a few kinds lie. (N, D)
at::Tensor clustered(int64_t rows, int64_t width, int64_t clusters, uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto centres = at::randn({clusters, width}, generator);
  const auto which = at::randint(clusters, {rows}, generator, at::kLong);
  return centres.index_select(0, which) + 0.5 * at::randn({rows, width}, generator);
}

PictureIndex index_of_rows(const at::Tensor& rows) {
  PictureIndex index;
  index.embeddings.image_embedding = rows;
  index.pictures.resize(static_cast<size_t>(rows.size(0)));
  index.copies = find_copies(rows);
  return index;
}

GraphTensors graph_of_distinct(const PictureIndex& index) {
  const auto distinct = at::tensor(index.copies.distinct(), at::kLong);
  return link_rows(index.embeddings.image_embedding.index_select(0, distinct));
}

/// Some of the rows of `originals` at random as they are, each once, among `copies` copies of its
/// first rows, which differ by `rounding`.
at::Tensor with_copies(const at::Tensor& originals, int64_t copies, int64_t copied,
                       double rounding) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(uint64_t{9});
  const auto which = at::randint(copied, {copies}, generator, at::kLong);
  const auto more = originals.index_select(0, which);
  const auto all = at::cat({originals, more + rounding * at::randn(more.sizes(), generator)});
  return all.index_select(0, at::randperm(all.size(0), generator));
}

template <class Result>
double recall(const std::vector<Result>& found, const std::vector<Result>& exact) {
  double both = 0, all = 0;
  for (size_t q = 0; q < exact.size(); ++q) {
    std::set<int64_t> rows;
    for (const auto& neighbour : found[q]) rows.insert(neighbour.row);
    for (const auto& neighbour : exact[q]) both += static_cast<double>(rows.count(neighbour.row));
    all += static_cast<double>(exact[q].size());
  }
  return both / all;
}

TEST(NearestRows, AreThoseOfTheLargestCosines) {
  const auto rows = at::randn({300, 16}), queries = at::randn({100, 16});
  const auto nearest = nearest_rows(queries, rows, 5);
  const auto all = cosines(queries, rows);
  ASSERT_EQ(nearest.size(), 100u);
  for (int64_t q = 0; q < 100; ++q) {
    const auto& found = nearest[static_cast<size_t>(q)];
    ASSERT_EQ(found.size(), 5u);
    EXPECT_EQ(found[0].row, all[q].argmax().item<int64_t>());
    for (size_t k = 0; k < found.size(); ++k) {
      EXPECT_NEAR(found[k].cosine, all[q][found[k].row].item<double>(), 1e-6);
      EXPECT_LE(found[k].cosine, found[k == 0 ? 0 : k - 1].cosine);
    }
  }
  EXPECT_EQ(nearest_rows(queries, rows, 1000)[0].size(), 300u);
}

TEST(NearestPictures, AreNeverThoseThatAreHidden) {
  const auto rows = at::randn({300, 16});
  auto index = index_of_rows(rows);
  NearestOptions options{.count = 3};
  for (const bool with_graph : {false, true}) {
    if (with_graph) index.graph = link_rows(rows);
    options.hidden.clear();
    const auto before = nearest_pictures(rows.narrow(0, 0, 1), index, options)[0];
    ASSERT_EQ(before[0].row, 0);
    options.hidden.assign(300, false);
    options.hidden[0] = true;
    const auto after = nearest_pictures(rows.narrow(0, 0, 1), index, options)[0];
    ASSERT_EQ(after.size(), 3u);
    EXPECT_EQ(after[0].row, before[1].row);
    EXPECT_EQ(after[1].row, before[2].row);
  }
}

TEST(NearestPictures, AreFoundByTheGraphToo) {
  const auto rows = clustered(3000, 32, 20, 1), queries = clustered(100, 32, 20, 1);
  auto index = index_of_rows(rows);
  const auto exact = nearest_pictures(queries, index, {});
  index.graph = link_rows(rows);
  const auto found = nearest_pictures(queries, index, {});
  EXPECT_GE(recall(found, exact), 0.99);
  EXPECT_NEAR(found[0][0].cosine, exact[0][0].cosine, 1e-5);
  EXPECT_EQ(recall(nearest_pictures(queries, index, {.exact = true}), exact), 1);
  // For so many the graph is not followed.
  const auto many = nearest_pictures(queries, index, {.count = 2000});
  EXPECT_EQ(many[0].size(), 2000u);
}

/// The number of rows of `index` that are the nearest image to themselves.
int64_t found_by_themselves(const PictureIndex& index) {
  const auto& rows = index.embeddings.image_embedding;
  const auto found = nearest_pictures(rows, index, {.count = 1});
  int64_t right = 0;
  for (int64_t row = 0; row < rows.size(0); ++row) {
    const auto group =
        index.copies.first[static_cast<size_t>(found[static_cast<size_t>(row)][0].row)];
    right += group == index.copies.first[static_cast<size_t>(row)];
  }
  return right;
}

TEST(NearestPictures, AreFoundByTheGraphWhateverTheShareOfCopies) {
  constexpr int64_t kRows = 4000;
  const auto queries = clustered(200, 32, 20, 1);
  for (const double share : {0.05, 0.2, 0.5, 0.99}) {
    for (const int64_t copied : {1, 20}) {
      for (const double rounding : {0.0, 1e-6}) {
        const auto copies = static_cast<int64_t>(share * kRows);
        const auto rows =
            with_copies(clustered(kRows - copies, 32, 20, 1), copies, copied, rounding);
        auto index = index_of_rows(rows);
        SCOPED_TRACE(::testing::Message() << share << ", " << copied << ", " << rounding);
        EXPECT_EQ(index.copies.distinct().size(), static_cast<size_t>(kRows - copies));
        const auto exact = nearest_pictures(queries, index, {});
        index.graph = graph_of_distinct(index);
        EXPECT_GE(recall(nearest_pictures(queries, index, {}), exact), 0.98);
        EXPECT_GE(found_by_themselves(index), kRows - 1);
      }
    }
  }
}

TEST(NearestPictures, HaveTheirCopiesWithThem) {
  const auto rows = at::randn({300, 16});
  auto index = index_of_rows(at::cat({rows, rows.narrow(0, 5, 1), rows.narrow(0, 5, 1)}));
  for (const bool with_graph : {false, true}) {
    if (with_graph) index.graph = graph_of_distinct(index);
    const auto query = rows.narrow(0, 5, 1);
    const auto found = nearest_pictures(query, index, {.count = 300})[0];
    ASSERT_EQ(found.size(), 300u);
    EXPECT_EQ(found[0].row, 5);
    EXPECT_EQ(found[0].copies, (std::vector<int64_t>{300, 301}));
    EXPECT_TRUE(found[1].copies.empty());
    // A group is found as long as one of its rows is not hidden.
    NearestOptions options{.count = 1, .hidden = std::vector<bool>(302)};
    options.hidden[5] = options.hidden[301] = true;
    EXPECT_EQ(nearest_pictures(query, index, options)[0][0].row, 300);
    EXPECT_TRUE(nearest_pictures(query, index, options)[0][0].copies.empty());
    options.hidden[300] = true;
    EXPECT_EQ(nearest_pictures(query, index, options)[0][0].row, found[1].row);
  }
}

TEST(NearestPictures, AreFoundAmongTheFewThatAreNotHidden) {
  const auto rows = clustered(3000, 16, 20, 1);
  auto index = index_of_rows(rows);
  index.graph = link_rows(rows);
  NearestOptions options{.count = 10, .hidden = std::vector<bool>(3000, true)};
  for (const size_t row : {7, 700, 1400, 2999}) options.hidden[row] = false;
  const auto found = nearest_pictures(rows.narrow(0, 0, 1), index, options)[0];
  EXPECT_EQ(found.size(), 4u);
  options.hidden.assign(3000, true);
  EXPECT_TRUE(nearest_pictures(rows.narrow(0, 0, 1), index, options)[0].empty());
}

TEST(NeighbourGraph, FindsMoreByMoreLinksAndCandidates) {
  const auto rows = clustered(3000, 48, 1, 1), queries = clustered(200, 48, 1, 1);
  const auto exact = nearest_rows(queries, rows, 10);
  const auto found = [&](const GraphOptions& options, int64_t ef_search) {
    const auto graph = link_rows(rows, options);
    EXPECT_EQ(graph.m(), options.m);
    return recall(NeighbourGraph(rows, graph, ef_search).nearest(queries, 10), exact);
  };
  const auto small = found({.m = 4, .ef_construction = 20}, 10);
  const auto more_candidates = found({.m = 4, .ef_construction = 20}, 200);
  const auto more_links = found({.m = 32, .ef_construction = 20}, 10);
  EXPECT_LT(small, 0.8);
  EXPECT_GT(more_candidates, small + 0.1);
  EXPECT_GT(more_links, small + 0.1);
}

TEST(NeighbourGraph, FollowsRowsThatComeAndGo) {
  auto rows = clustered(1500, 24, 10, 1);
  const auto more = clustered(1500, 24, 10, 2), queries = clustered(100, 24, 10, 3);
  auto graph = link_rows(rows);
  for (int64_t round = 0; round < 10; ++round) {
    std::vector<int64_t> left;
    for (int64_t row = 0; row < rows.size(0); ++row) {
      if (row % 10 != round) left.push_back(row);
    }
    rows = rows.index_select(0, at::tensor(left, at::kLong));
    graph = graph_of(graph, left);
    EXPECT_EQ(graph.rows(), rows.size(0));
    rows = at::cat({rows, more.narrow(0, 150 * round, 150)});
    graph = link_rows(rows, {}, graph);
  }
  const auto found = NeighbourGraph(rows, graph).nearest(queries, 10);
  EXPECT_GE(recall(found, nearest_rows(queries, rows, 10)), 0.99);
}

TEST(NeighbourGraph, FindsTheOnlyRow) {
  const auto row = at::ones({1, 8});
  const NeighbourGraph graph(row, link_rows(row));
  const auto found = graph.nearest(row, 10);
  ASSERT_EQ(found[0].size(), 1u);
  EXPECT_EQ(found[0][0].row, 0);
  EXPECT_NEAR(found[0][0].cosine, 1, 1e-6);
}

TEST(NeighbourGraph, FindsEveryRowByItself) {
  const auto rows = clustered(2000, 24, 7, 3);
  const NeighbourGraph graph(rows, link_rows(rows));
  const auto found = graph.nearest(rows, 1);
  int64_t right = 0;
  for (size_t row = 0; row < found.size(); ++row) {
    right += found[row][0].row == static_cast<int64_t>(row);
  }
  EXPECT_GE(right, 1990);
}

}  // namespace
}  // namespace unclip
