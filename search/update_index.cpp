#include "search/update_index.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "core/error.h"
#include "image/read_picture.h"
#include "pipeline/stage.h"
#include "search/neighbour_graph.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Update {
 public:
  Update(PictureIndex& index, const fs::path& file, const UpdateOptions& options)
      : index_(index), file_(file), options_(options), graph_(index.graph) {}

  void keep(const std::vector<int64_t>& rows) {
    std::vector<FoundPicture> pictures;
    for (const auto row : rows) pictures.push_back(index_.pictures[static_cast<size_t>(row)]);
    index_.embeddings = index_.embeddings.select(rows);
    index_.pictures = std::move(pictures);
    const bool few_are_gone = 4 * rows.size() >= 3 * static_cast<size_t>(graph_.rows());
    graph_ = graph_.defined() && few_are_gone ? graph_of(graph_, rows) : GraphTensors();
    index_.graph = GraphTensors();
    unsaved_ = true;
  }

  /// Encodes the pictures that can be read. Returns how many these are.
  int64_t add(const fs::path& folder, const std::vector<FoundPicture>& pictures,
              const EncodePictures& encode) {
    const auto before = index_.rows();
    const auto batch = static_cast<size_t>(options_.batch_size);
    for (size_t first = 0; first < pictures.size(); first += batch) {
      const auto end = std::min(first + batch, pictures.size());
      add_batch(folder, pictures, first, end, encode);
      done_ += static_cast<int64_t>(end - first);
      go_on("pictures", done_, total);
      if (std::chrono::duration<double>(Clock::now() - saved_at_).count() >=
          options_.seconds_between_saves) {
        save();
      }
    }
    return index_.rows() - before;
  }

  /// Brings the graph in line with the rows.
  void link() {
    if (index_.rows() < options_.graph_from) graph_ = GraphTensors();
    if (index_.rows() >= options_.graph_from && graph_.rows() < index_.rows()) {
      join();
      graph_ = link_rows(index_.embeddings.image_embedding, graph_,
                         [&](int64_t done) { go_on("graph", done, index_.rows()); });
    }
    unsaved_ = unsaved_ || graph_.rows() != index_.graph.rows();
    index_.graph = graph_;
  }

  /// Notes what could not be read, once all has been tried.
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

  int64_t total = 0;  // pictures to be read

 private:
  void add_batch(const fs::path& folder, const std::vector<FoundPicture>& pictures, size_t first,
                 size_t end, const EncodePictures& encode) {
    std::vector<at::Tensor> read;
    std::vector<const FoundPicture*> of;
    for (size_t i = first; i < end; ++i) {
      try {
        read.push_back(read_picture(folder / pictures[i].path));
        of.push_back(&pictures[i]);
      } catch (const Error& error) {
        unreadable_.push_back(pictures[i]);
        if (options_.on_skipped) options_.on_skipped(error.what());
      }
    }
    if (read.empty()) return;
    index_.graph = GraphTensors();
    fresh_.push_back(encode(read));
    for (const auto* picture : of) {
      index_.pictures.push_back(*picture);
      index_.embeddings.origins.push_back({.path = picture->path});
    }
    unsaved_ = true;
  }

  void go_on(const char* work, int64_t done, int64_t of) const {
    if (options_.on_progress && !options_.on_progress(work, done, of)) throw Cancelled();
  }

  /// Puts the new rows behind the others.
  void join() {
    auto& rows = index_.embeddings.image_embedding;
    if (fresh_.empty()) return;
    if (rows.defined()) fresh_.insert(fresh_.begin(), rows);
    rows = at::cat(fresh_);
    fresh_.clear();
  }

  PictureIndex& index_;
  const fs::path& file_;
  const UpdateOptions& options_;
  GraphTensors graph_;  // of the first rows; the index has it when it is of all
  std::vector<FoundPicture> unreadable_;
  std::vector<at::Tensor> fresh_;  // rows that are not in the index's tensor yet
  int64_t done_ = 0;
  bool unsaved_ = false;
  Clock::time_point saved_at_ = Clock::now();
};

std::unordered_map<std::string, const FoundPicture*> paths_of(
    const std::vector<FoundPicture>& pictures) {
  std::unordered_map<std::string, const FoundPicture*> by_path;
  for (const auto& picture : pictures) by_path[picture.path] = &picture;
  return by_path;
}

}  // namespace

FolderChanges changes_since(const PictureIndex& index, const std::vector<FoundPicture>& found) {
  auto by_path = paths_of(found);
  const auto unreadable = paths_of(index.unreadable);
  FolderChanges changes;
  for (int64_t row = 0; row < index.rows(); ++row) {
    const auto& known = index.pictures[static_cast<size_t>(row)];
    const auto it = by_path.find(known.path);
    if (it == by_path.end()) {
      changes.gone.push_back(row);
      continue;
    }
    if (*it->second == known) {
      changes.unchanged.push_back(row);
    } else {
      changes.changed.push_back(*it->second);
    }
    by_path.erase(it);
  }
  for (const auto& picture : found) {
    if (!by_path.contains(picture.path)) continue;
    const auto it = unreadable.find(picture.path);
    const bool again = it != unreadable.end() && *it->second == picture;
    (again ? changes.unreadable : changes.added).push_back(picture);
  }
  return changes;
}

UpdateCounts update_index(PictureIndex& index, const fs::path& file, const fs::path& folder,
                          const std::vector<FoundPicture>& found, const EncodePictures& encode,
                          const UpdateOptions& options) {
  const auto changes = changes_since(index, found);
  UpdateCounts counts{.removed = static_cast<int64_t>(changes.gone.size()),
                      .unchanged = static_cast<int64_t>(changes.unchanged.size())};
  Update update(index, file, options);
  update.total = static_cast<int64_t>(changes.added.size() + changes.changed.size() +
                                      changes.unreadable.size());
  if (index.rows() > counts.unchanged) update.keep(changes.unchanged);
  try {
    counts.changed = update.add(folder, changes.changed, encode);
    counts.added = update.add(folder, changes.added, encode);
    counts.added += update.add(folder, changes.unreadable, encode);
    counts.skipped = update.note_unreadable();
    update.link();
  } catch (...) {
    update.save();
    throw;
  }
  if (index.rows() == 0) fail(folder, ": none of its ", found.size(), " pictures can be read");
  update.save();
  return counts;
}

}  // namespace unclip
