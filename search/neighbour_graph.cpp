#include "search/neighbour_graph.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "embedding/similarity.h"
#include "kernels/tensor.h"

// hnswlib was chosen over FAISS because it consists only of headers, needs no BLAS and starts no
// threads, and because its graph is accessible, so that it can be stored in tensors that are
// checked when they are read. It reads the number after a full list of links in order to prefetch
// it, which is harmless, but which the address sanitizer forbids.
#ifdef __SANITIZE_ADDRESS__
#define NO_MANUAL_VECTORIZATION
#endif
// It defines these four outside its namespace and not inline: under their own names they would meet
// those of a program that includes it as well.
#define cpuid unclip_hnswlib_cpuid
#define xgetbv unclip_hnswlib_xgetbv
#define AVXCapable unclip_hnswlib_avx_capable
#define AVX512Capable unclip_hnswlib_avx512_capable
#include <hnswlib/hnswlib.h>
#undef cpuid
#undef xgetbv
#undef AVXCapable
#undef AVX512Capable

namespace unclip {
namespace {

using Hnsw = hnswlib::HierarchicalNSW<float>;

constexpr int64_t kRowsAtATime = 1024;

using Id = hnswlib::tableint;
using Links = hnswlib::linklistsizeint;  // their number, then their ids

}  // namespace

/// hnswlib's index, with what is needed to write its tensors.
struct HnswIndex {
  /// Makes room for x (N, D). Rows that are added in later updates draw their levels from another
  /// seed.
  HnswIndex(const at::Tensor& x, const GraphOptions& options, int64_t seed = 0)
      : rows(x.size(0)),
        m(options.m),
        space(static_cast<size_t>(x.size(1))),
        hnsw(&space, static_cast<size_t>(rows), static_cast<size_t>(options.m),
             static_cast<size_t>(options.ef_construction), static_cast<size_t>(seed)) {}

  int64_t rows, m;
  hnswlib::InnerProductSpace space;
  Hnsw hnsw;
};

namespace {

/// The row of each of hnswlib's ids, which are given in the order in which threads add rows.
std::vector<int32_t> rows_by_id(const HnswIndex& index) {
  std::vector<int32_t> rows;
  for (Id id = 0; id < static_cast<Id>(index.rows); ++id) {
    rows.push_back(static_cast<int32_t>(index.hnsw.getExternalLabel(id)));
  }
  return rows;
}

void copy_links(const Links* list, const std::vector<int32_t>& row_of, int32_t* to) {
  const auto count = *reinterpret_cast<const unsigned short*>(list);
  for (size_t k = 0; k < count; ++k) to[k] = row_of[list[1 + k]];
}

void set_links(Links* list, const int32_t* from, int64_t most) {
  const auto count = std::find(from, from + most, -1) - from;
  *list = static_cast<Links>(count);
  std::memcpy(list + 1, from, static_cast<size_t>(count) * sizeof(int32_t));
}

GraphTensors tensors_of(const HnswIndex& index) {
  const auto& hnsw = index.hnsw;
  const auto m = index.m;
  const auto row_of = rows_by_id(index);
  GraphTensors graph{.levels = ops::empty({index.rows}, at::kInt),
                     .links = ops::full({index.rows, 2 * m}, -1, at::kInt),
                     .upper = at::Tensor(),
                     .entry = row_of[hnsw.enterpoint_node_]};
  auto* levels = graph.levels.data_ptr<int32_t>();
  std::vector<Id> id_of(row_of.size());
  for (Id id = 0; id < row_of.size(); ++id) {
    const auto row = row_of[id];
    id_of[static_cast<size_t>(row)] = id;
    levels[row] = hnsw.element_levels_[id];
    copy_links(hnsw.get_linklist0(id), row_of, graph.links.data_ptr<int32_t>() + row * 2 * m);
  }
  graph.upper = ops::full({graph.levels.sum().item<int64_t>(), m}, -1, at::kInt);
  auto* upper = graph.upper.data_ptr<int32_t>();
  for (const auto id : id_of) {
    for (int level = 1; level <= hnsw.element_levels_[id]; ++level, upper += m) {
      copy_links(hnsw.get_linklist(id, level), row_of, upper);
    }
  }
  return graph;
}

/// Makes a row as the library's own loadIndex() does, with room for links on its layers.
void place_row(Hnsw& hnsw, Id id, int32_t level, const float* x) {
  hnsw.element_levels_[id] = level;
  hnsw.linkLists_[id] = nullptr;
  if (level > 0) {  // hnswlib frees it, and may read one number past its end
    const auto bytes = hnsw.size_links_per_element_ * static_cast<size_t>(level) + sizeof(Id);
    hnsw.linkLists_[id] = static_cast<char*>(std::calloc(1, bytes));
    if (hnsw.linkLists_[id] == nullptr) throw std::bad_alloc();
  }
  hnsw.cur_element_count = size_t{id} + 1;
  std::memset(hnsw.get_linklist0(id), 0, hnsw.size_data_per_element_);
  std::memcpy(hnsw.getDataByInternalId(id), x, hnsw.data_size_);
  hnsw.setExternalLabel(id, id);
}

// Fills the members that hnswlib's loadIndex() fills, from tensors that graph_in() has checked.
// hnswlib's own files are not used: loadIndex() trusts them, so that a forged link leads out of its
// memory, and such a file holds every row a second time.
void place_graph(Hnsw& hnsw, const GraphTensors& graph, const float* unit) {
  const auto* levels = graph.levels.const_data_ptr<int32_t>();
  const auto* links = graph.links.const_data_ptr<int32_t>();
  const auto* upper = graph.upper.const_data_ptr<int32_t>();
  const auto m = graph.m();
  const auto width = hnsw.data_size_ / sizeof(float);
  for (Id id = 0; id < static_cast<Id>(graph.rows()); ++id) {
    place_row(hnsw, id, levels[id], unit + id * width);
    set_links(hnsw.get_linklist0(id), links + int64_t{id} * 2 * m, 2 * m);
    for (int32_t level = 1; level <= levels[id]; ++level, upper += m) {
      set_links(hnsw.get_linklist(id, level), upper, m);
    }
  }
  hnsw.enterpoint_node_ = static_cast<Id>(graph.entry);
  hnsw.maxlevel_ = levels[graph.entry];
}

}  // namespace

GraphTensors link_rows(const at::Tensor& x, const GraphOptions& options, const GraphTensors& known,
                       const OnRows& on_rows) {
  TORCH_CHECK(!known.defined() || known.m() == options.m, "link_rows: the known graph has M ",
              known.m(), ", not ", options.m);
  const auto unit = normalised(x).contiguous();
  const auto* data = unit.const_data_ptr<float>();
  HnswIndex index(x, options, known.rows());
  if (known.defined()) place_graph(index.hnsw, known, data);
  const auto add = [&](int64_t row) {
    index.hnsw.addPoint(data + row * unit.size(1), static_cast<size_t>(row));
  };
  if (!known.defined()) add(0);  // the others are linked to existing rows
  for (int64_t first = std::max<int64_t>(known.rows(), 1); first < index.rows;
       first += kRowsAtATime) {
    const auto end = std::min(first + kRowsAtATime, index.rows);
    at::parallel_for(first, end, 1, [&](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; ++row) add(row);
    });
    if (on_rows) on_rows(end);
  }
  return tensors_of(index);
}

struct NeighbourGraph::Graph : HnswIndex {
  using HnswIndex::HnswIndex;
};

NeighbourGraph::NeighbourGraph(const at::Tensor& x, const GraphTensors& graph, int64_t ef_search)
    : graph_(std::make_unique<Graph>(x, GraphOptions{.m = graph.m()})) {
  graph_->hnsw.setEf(static_cast<size_t>(ef_search));
  const auto unit = normalised(x).contiguous();
  place_graph(graph_->hnsw, graph, unit.const_data_ptr<float>());
}

NeighbourGraph::~NeighbourGraph() = default;

void NeighbourGraph::leave_out(int64_t row) {
  graph_->hnsw.markDeletedInternal(static_cast<Id>(row));
}

std::vector<Neighbours> NeighbourGraph::nearest(const at::Tensor& queries, int64_t count) const {
  const auto unit = normalised(queries).contiguous();
  const auto most = static_cast<size_t>(std::min(count, graph_->rows));
  std::vector<Neighbours> results;
  for (int64_t q = 0; q < unit.size(0); ++q) {
    auto found = graph_->hnsw.searchKnn(unit[q].const_data_ptr<float>(), most);
    auto& result = results.emplace_back();
    for (; !found.empty(); found.pop()) {  // the furthest first
      const auto [distance, row] = found.top();
      result.push_back({static_cast<int64_t>(row), 1 - double{distance}});
    }
    std::reverse(result.begin(), result.end());
  }
  return results;
}

}  // namespace unclip
