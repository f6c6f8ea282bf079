#include "search/update_index.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "image/read_picture.h"
#include "kernels/tensor.h"
#include "pipeline/progress.h"
#include "search/neighbour_graph.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr size_t kBetweenReports = 256;  // files whose metadata is read

class Update {
 public:
  Update(PictureIndex& index, const fs::path& file, const fs::path& folder,
         const UpdateOptions& options)
      : index_(index), file_(file), folder_(folder), options_(options) {}

  /// Moves the graph out of the index, because an index has a graph only if it covers all rows.
  void begin(const FolderChanges& changes) {
    total_ = static_cast<int64_t>(changes.added.size() + changes.changed.size() +
                                  changes.unreadable.size());
    if (static_cast<int64_t>(changes.unchanged.size()) < index_.rows()) {
      keep_rows(index_, changes.unchanged);
      unsaved_ = true;
    }
    if (changes.removed != index_.removed) {
      index_.removed = changes.removed;
      unsaved_ = true;
    }
    graph_ = std::move(index_.graph);
    index_.graph = GraphTensors();
    apply_graph_options();
  }

  /// Reads the provenance of rows of an index that an older unclip wrote.
  void complete_provenance() {
    if (!index_.provenance.empty() || index_.rows() == 0) return;
    std::vector<Provenance> provenance;
    for (const auto& picture : index_.pictures) {
      provenance.push_back(read_provenance(folder_ / picture.path));
      if (provenance.size() % kBetweenReports != 0) continue;
      go_on("metadata", static_cast<int64_t>(provenance.size()), index_.rows());
    }
    index_.provenance = std::move(provenance);
    unsaved_ = true;
  }

  /// Encodes the images that can be read. Returns their number.
  int64_t add(const std::vector<FoundPicture>& pictures, const EncodePictures& encode) {
    const auto before = index_.rows();
    const auto batch = static_cast<size_t>(options_.batch_size);
    for (size_t first = 0; first < pictures.size(); first += batch) {
      const auto end = std::min(first + batch, pictures.size());
      add_batch(pictures, first, end, encode);
      done_ += static_cast<int64_t>(end - first);
      go_on("pictures", done_, total_);
      if (std::chrono::duration<double>(Clock::now() - saved_at_).count() >=
          options_.seconds_between_saves) {
        save();
      }
    }
    return index_.rows() - before;
  }

  /// Updates copies and graph to the rows.
  void link() {
    if (index_.rows() == 0) return;
    join();
    const auto& x = index_.embeddings.image_embedding;
    index_.copies = find_copies(x, std::move(index_.copies));
    const auto distinct = index_.copies.distinct();
    const auto count = static_cast<int64_t>(distinct.size());
    const bool wanted = count >= index_.graph_options.from;
    unsaved_ = unsaved_ || wanted != graph_.defined();
    if (!wanted) graph_ = GraphTensors();
    if (wanted && graph_.rows() < count) {
      const auto rows = x.index_select(0, ops::tensor(distinct, at::kLong));
      graph_ = link_rows(rows, index_.graph_options, graph_,
                         [&](int64_t done) { go_on("graph", done, count); });
    }
    index_.graph = graph_;
  }

  /// Records the files that could not be read, after all have been tried.
  int64_t note_unreadable() {
    unsaved_ = unsaved_ || unreadable_ != index_.unreadable;
    index_.unreadable = unreadable_;
    return static_cast<int64_t>(unreadable_.size());
  }

  void save() {
    if (!unsaved_ || index_.rows() == 0) return;
    join();
    write_index(file_, index_);
    unsaved_ = false;
    saved_at_ = Clock::now();
  }

 private:
  /// Discards a graph of another M or ef_construction, which has to be built again.
  void apply_graph_options() {
    const auto now = index_.graph_options;
    index_.graph_options = options_.graph.value_or(now);
    if (index_.graph_options == now) return;
    unsaved_ = true;
    if (index_.graph_options.m != now.m ||
        index_.graph_options.ef_construction != now.ef_construction) {
      graph_ = GraphTensors();
    }
  }

  void add_batch(const std::vector<FoundPicture>& pictures, size_t first, size_t end,
                 const EncodePictures& encode) {
    std::vector<at::Tensor> read;
    std::vector<const FoundPicture*> of;
    for (size_t i = first; i < end; ++i) {
      try {
        read.push_back(read_picture(folder_ / pictures[i].path));
        of.push_back(&pictures[i]);
      } catch (const Error& error) {
        unreadable_.push_back(pictures[i]);
        if (options_.on_skipped) options_.on_skipped(error.what());
      }
    }
    if (read.empty()) return;
    fresh_.push_back(encode(read));
    for (const auto* picture : of) {
      index_.pictures.push_back(*picture);
      index_.provenance.push_back(read_provenance(folder_ / picture->path));
      index_.embeddings.origins.push_back({.path = picture->path});
    }
    unsaved_ = true;
  }

  void go_on(const char* work, int64_t done, int64_t of) const {
    if (options_.on_progress && !options_.on_progress(work, done, of)) throw Cancelled();
  }

  /// Appends the new rows to the others.
  void join() {
    auto& rows = index_.embeddings.image_embedding;
    if (fresh_.empty()) return;
    if (rows.defined()) fresh_.insert(fresh_.begin(), rows);
    rows = ops::cat(fresh_);
    fresh_.clear();
  }

  PictureIndex& index_;
  const fs::path& file_;
  const fs::path& folder_;
  const UpdateOptions& options_;
  GraphTensors graph_;  // graph of the first distinct rows
  std::vector<FoundPicture> unreadable_;
  std::vector<at::Tensor> fresh_;  // embeddings that are not in the index yet
  int64_t done_ = 0, total_ = 0;   // images to be read
  bool unsaved_ = false;
  Clock::time_point saved_at_ = Clock::now();
};

}  // namespace

UpdateCounts update_index(PictureIndex& index, const fs::path& file, const fs::path& folder,
                          const std::vector<FoundPicture>& found, const EncodePictures& encode,
                          const UpdateOptions& options) {
  const auto changes = changes_since(index, found);
  UpdateCounts counts{.removed = static_cast<int64_t>(changes.gone.size()),
                      .unchanged = static_cast<int64_t>(changes.unchanged.size()),
                      .hidden = static_cast<int64_t>(changes.removed.size())};
  Update update(index, file, folder, options);
  update.begin(changes);
  try {
    update.complete_provenance();
    counts.changed = update.add(changes.changed, encode);
    counts.added = update.add(changes.added, encode);
    counts.added += update.add(changes.unreadable, encode);
    counts.skipped = update.note_unreadable();
    update.link();
  } catch (...) {
    update.save();
    throw;
  }
  if (index.rows() == 0) {
    fail(folder, ": none of its ", found.size(), " images can be read");
  }
  update.save();
  return counts;
}

}  // namespace unclip
