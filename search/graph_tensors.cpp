#include "search/graph_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

constexpr int32_t kMostLevels = 64;  // of a row; by chance alone, even 16 are beyond reach

class GraphCheck {
 public:
  GraphCheck(const GraphTensors& graph, const std::string& name)
      : name_(name),
        rows_(graph.levels.size(0)),
        levels_(graph.levels.const_data_ptr<int32_t>()),
        entry_(graph.entry) {
    const auto total = check_levels();
    if (graph.upper.size(0) != total) {
      fail(name, ": 'graph_upper' has ", graph.upper.size(0), " lists of links; its levels want ",
           total);
    }
    const auto* links = graph.links.const_data_ptr<int32_t>();
    const auto* upper = graph.upper.const_data_ptr<int32_t>();
    for (int64_t row = 0; row < rows_; ++row, links += 2 * kLinks) {
      check_links(links, 2 * kLinks, row, 0);
      for (int32_t level = 1; level <= levels_[row]; ++level, upper += kLinks) {
        check_links(upper, kLinks, row, level);
      }
    }
  }

 private:
  /// Returns their sum.
  int64_t check_levels() const {
    int64_t total = 0;
    int32_t highest = 0;
    for (int64_t row = 0; row < rows_; ++row) {
      if (levels_[row] < 0 || levels_[row] > kMostLevels) {
        fail(name_, ": row ", row, " of 'graph_levels' is ", levels_[row], "; 0 to ", kMostLevels,
             " is wanted");
      }
      total += levels_[row];
      highest = std::max(highest, levels_[row]);
    }
    if (entry_ < 0 || entry_ >= rows_ || levels_[entry_] != highest) {
      fail(name_, ": 'graph_entry' is ", entry_, "; a row of the highest level, ", highest,
           ", is wanted");
    }
    return total;
  }

  void check_links(const int32_t* links, int64_t count, int64_t row, int32_t level) const {
    for (int64_t k = 0; k < count; ++k) {
      const auto to = links[k];
      const bool behind_the_last = k > 0 && links[k - 1] < 0;
      const bool fits = to == -1 || (to >= 0 && to < rows_ && to != row && levels_[to] >= level &&
                                     !behind_the_last);
      if (!fits) {
        fail(name_, ": row ", row, " of its graph has a link to ", to, " on layer ", level,
             "; another row of that layer, or -1 behind the last, is wanted");
      }
    }
  }

  const std::string& name_;
  int64_t rows_;
  const int32_t* levels_;
  int64_t entry_;
};

/// Some of a graph's rows.
class GraphCut {
 public:
  GraphCut(const GraphTensors& graph, const std::vector<int64_t>& rows)
      : graph_(graph),
        levels_(graph.levels.const_data_ptr<int32_t>()),
        upper_begin_(static_cast<size_t>(graph.rows())),
        new_of_(static_cast<size_t>(graph.rows()), -1) {
    int64_t begin = 0;
    for (size_t row = 0; row < upper_begin_.size(); ++row) {
      upper_begin_[row] = std::exchange(begin, begin + levels_[row]);
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      new_of_[static_cast<size_t>(rows[i])] = static_cast<int32_t>(i);
    }
    cut(rows);
    const auto entry = new_of_[static_cast<size_t>(graph.entry)];
    result_.entry = entry >= 0 ? entry : result_.levels.argmax().item<int64_t>();
  }

  GraphTensors take() { return std::move(result_); }

 private:
  void cut(const std::vector<int64_t>& rows) {
    result_.levels = graph_.levels.index_select(0, at::tensor(rows, at::kLong));
    const auto count = static_cast<int64_t>(rows.size());
    result_.links = at::full({count, 2 * kLinks}, -1, at::kInt);
    result_.upper = at::full({result_.levels.sum().item<int64_t>(), kLinks}, -1, at::kInt);
    auto* links = result_.links.data_ptr<int32_t>();
    auto* upper = result_.upper.data_ptr<int32_t>();
    for (const auto row : rows) {
      cut_list(row, 0, links);
      links += 2 * kLinks;
      for (int32_t level = 1; level <= levels_[row]; ++level, upper += kLinks) {
        cut_list(row, level, upper);
      }
    }
  }

  /// Calls `to` with each row that `row` is linked to.
  template <class To>
  void each_link(int64_t row, int32_t level, const To& to) const {
    const auto* list = level == 0
                           ? graph_.links.const_data_ptr<int32_t>() + row * 2 * kLinks
                           : graph_.upper.const_data_ptr<int32_t>() +
                                 (upper_begin_[static_cast<size_t>(row)] + level - 1) * kLinks;
    const auto* end = std::find(list, list + room(level), -1);
    std::for_each(list, end, to);
  }

  /// What stays of a row's list, then the neighbours of those that do not.
  void cut_list(int64_t row, int32_t level, int32_t* links) const {
    auto* end = links;
    const auto add = [&](int32_t to) {
      const auto id = new_of_[static_cast<size_t>(to)];
      if (id < 0 || to == row || end == links + room(level)) return;
      if (std::find(links, end, id) == end) *end++ = id;
    };
    each_link(row, level, add);
    each_link(row, level, [&](int32_t to) {
      if (new_of_[static_cast<size_t>(to)] < 0) each_link(to, level, add);
    });
  }

  static int64_t room(int32_t level) { return level == 0 ? 2 * kLinks : kLinks; }

  const GraphTensors& graph_;
  const int32_t* levels_;
  std::vector<int64_t> upper_begin_;  // where a row's lists begin in `upper`
  std::vector<int32_t> new_of_;       // a row's new number; -1: it is left out
  GraphTensors result_;
};

at::Tensor tensor_of(const Checkpoint& file, const char* key, int64_t rows, int64_t columns) {
  if (!file.has(key)) fail(file.name(), ": '", key, "' is missing beside the rest of its graph");
  const auto x = file.tensor(key);
  const bool fits = x.scalar_type() == at::kInt && x.dim() == (columns > 0 ? 2 : 1) &&
                    (rows < 0 || x.size(0) == rows) && (columns == 0 || x.size(1) == columns);
  if (fits) return x;
  fail(file.name(), ": '", key, "' is ", x.scalar_type(), " ", x.sizes(), "; Int of ",
       rows < 0 ? "any" : std::to_string(rows), " rows",
       columns > 0 ? " of " + std::to_string(columns) : "", " is wanted");
}

}  // namespace

std::map<std::string, at::Tensor> named(const GraphTensors& graph) {
  if (!graph.defined()) return {};
  return {{"graph_levels", graph.levels},
          {"graph_links", graph.links},
          {"graph_upper", graph.upper},
          {"graph_entry", at::full({1}, graph.entry, at::kInt)}};
}

GraphTensors graph_of(const GraphTensors& graph, const std::vector<int64_t>& rows) {
  return GraphCut(graph, rows).take();
}

GraphTensors graph_in(const Checkpoint& file, int64_t rows) {
  if (!file.has("graph_links")) return {};
  GraphTensors graph{.levels = tensor_of(file, "graph_levels", rows, 0),
                     .links = tensor_of(file, "graph_links", rows, 2 * kLinks),
                     .upper = tensor_of(file, "graph_upper", -1, kLinks),
                     .entry = tensor_of(file, "graph_entry", 1, 0).item<int32_t>()};
  const GraphCheck check(graph, file.name());
  return graph;
}

}  // namespace unclip
