#include "search/graph_tensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/config.h"
#include "base/error.h"
#include "kernels/tensor.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

constexpr int32_t kMostLevels = 64;  // of a row; random levels do not even reach 16

class GraphCheck {
 public:
  GraphCheck(const GraphTensors& graph, const std::string& name)
      : name_(name),
        rows_(graph.levels.size(0)),
        levels_(graph.levels.const_data_ptr<int32_t>()),
        m_(graph.m()),
        entry_(graph.entry) {
    const auto total = check_levels();
    if (graph.upper.size(0) != total) {
      fail(name, ": 'graph_upper': expected ", total,
           " lists of links, as many as its levels, got ", graph.upper.size(0));
    }
    const auto* links = graph.links.const_data_ptr<int32_t>();
    const auto* upper = graph.upper.const_data_ptr<int32_t>();
    for (int64_t row = 0; row < rows_; ++row, links += 2 * m_) {
      check_links(links, 2 * m_, row, 0);
      for (int32_t level = 1; level <= levels_[row]; ++level, upper += m_) {
        check_links(upper, m_, row, level);
      }
    }
  }

 private:
  /// Checks the levels, and returns their sum.
  int64_t check_levels() const {
    int64_t total = 0;
    int32_t highest = 0;
    for (int64_t row = 0; row < rows_; ++row) {
      if (levels_[row] < 0 || levels_[row] > kMostLevels) {
        fail(name_, ": row ", row, " of 'graph_levels': expected 0 to ", kMostLevels, ", got ",
             levels_[row]);
      }
      total += levels_[row];
      highest = std::max(highest, levels_[row]);
    }
    if (entry_ < 0 || entry_ >= rows_ || levels_[entry_] != highest) {
      fail(name_, ": 'graph_entry': expected a row of the highest level, ", highest, ", got ",
           entry_);
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
        fail(name_, ": row ", row, " of its graph: expected links to other rows of layer ", level,
             ", then -1, got ", to);
      }
    }
  }

  const std::string& name_;
  int64_t rows_;
  const int32_t* levels_;
  int64_t m_, entry_;
};

/// Cuts a graph down to some of its rows.
class GraphCut {
 public:
  GraphCut(const GraphTensors& graph, const std::vector<int64_t>& rows)
      : graph_(graph),
        m_(graph.m()),
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
    result_.levels = graph_.levels.index_select(0, ops::tensor(rows, at::kLong));
    const auto count = static_cast<int64_t>(rows.size());
    result_.links = ops::full({count, 2 * m_}, -1, at::kInt);
    result_.upper = ops::full({result_.levels.sum().item<int64_t>(), m_}, -1, at::kInt);
    auto* links = result_.links.data_ptr<int32_t>();
    auto* upper = result_.upper.data_ptr<int32_t>();
    for (const auto row : rows) {
      cut_list(row, 0, links);
      links += 2 * m_;
      for (int32_t level = 1; level <= levels_[row]; ++level, upper += m_) {
        cut_list(row, level, upper);
      }
    }
  }

  /// Calls `to` with each row that `row` is linked to.
  template <class To>
  void each_link(int64_t row, int32_t level, const To& to) const {
    const auto* list = level == 0 ? graph_.links.const_data_ptr<int32_t>() + row * 2 * m_
                                  : graph_.upper.const_data_ptr<int32_t>() +
                                        (upper_begin_[static_cast<size_t>(row)] + level - 1) * m_;
    const auto* end = std::find(list, list + room(level), -1);
    std::for_each(list, end, to);
  }

  /// Writes a row's new list: the links that stay, then the neighbours of those that do not.
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

  int64_t room(int32_t level) const { return level == 0 ? 2 * m_ : m_; }

  const GraphTensors& graph_;
  int64_t m_;
  const int32_t* levels_;
  std::vector<int64_t> upper_begin_;  // first list of each row in `upper`
  std::vector<int32_t> new_of_;       // a row's new number; -1: it is left out
  GraphTensors result_;
};

at::Tensor tensor_of(const Checkpoint& file, const char* key, int64_t rows, int64_t columns) {
  if (!file.has(key)) fail(file.name(), ": '", key, "' of its graph is missing");
  const auto x = file.tensor(key);
  const bool fits = x.scalar_type() == at::kInt && x.dim() == (columns > 0 ? 2 : 1) &&
                    (rows < 0 || x.size(0) == rows) && (columns == 0 || x.size(1) == columns);
  if (fits) return x;
  fail(file.name(), ": '", key, "': expected Int of ", rows < 0 ? "any" : std::to_string(rows),
       " rows", columns > 0 ? " of " + std::to_string(columns) : "", ", got ", x.scalar_type(), " ",
       x.sizes());
}

/// M, which is half of the width of the links on layer 0.
int64_t m_in(const Checkpoint& file) {
  const auto& shape = file.entry("graph_links").shape;
  const auto columns = shape.size() == 2 ? shape[1] : 0;
  if (columns % 2 != 0 || columns < 2 * kLeastM || columns > 2 * kMostM) {
    fail(file.name(), ": 'graph_links': expected rows of ", 2 * kLeastM, " to ", 2 * kMostM,
         " links, an even number, got ", columns);
  }
  return columns / 2;
}

}  // namespace

std::string graph_options_text(const GraphOptions& options) {
  return nlohmann::ordered_json{
      {"m", options.m}, {"ef_construction", options.ef_construction}, {"from", options.from}}
      .dump();
}

GraphOptions read_graph_options(const Config& config) {
  GraphOptions options;
  options.m = config.integer("m", options.m, kLeastM, kMostM);
  options.ef_construction = config.integer("ef_construction", options.ef_construction, 1, kMostEf);
  options.from = config.integer("from", options.from, 1, INT32_MAX);
  return options;
}

std::map<std::string, at::Tensor> named(const GraphTensors& graph) {
  if (!graph.defined()) return {};
  return {{"graph_levels", graph.levels},
          {"graph_links", graph.links},
          {"graph_upper", graph.upper},
          {"graph_entry", ops::full({1}, graph.entry, at::kInt)}};
}

GraphTensors graph_of(const GraphTensors& graph, const std::vector<int64_t>& rows) {
  return GraphCut(graph, rows).take();
}

GraphTensors graph_in(const Checkpoint& file, int64_t rows) {
  if (!file.has("graph_links")) return {};
  const auto m = m_in(file);
  GraphTensors graph{.levels = tensor_of(file, "graph_levels", rows, 0),
                     .links = tensor_of(file, "graph_links", rows, 2 * m),
                     .upper = tensor_of(file, "graph_upper", -1, m),
                     .entry = tensor_of(file, "graph_entry", 1, 0).item<int32_t>()};
  const GraphCheck check(graph, file.name());
  return graph;
}

}  // namespace unclip
