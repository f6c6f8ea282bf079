#pragma once

#include <filesystem>

#include "embedding/embeddings.h"
#include "search/copies.h"
#include "search/find_pictures.h"
#include "search/graph_tensors.h"
#include "search/provenance.h"

namespace unclip {

class Checkpoint;

/// The images of a folder and their embeddings, N rows.
struct PictureIndex {
  Embeddings embeddings;                 // has only image_embedding, and the model that made it
  std::vector<FoundPicture> pictures;    // each file as it was when it was encoded
  std::vector<Provenance> provenance;    // of each file; empty if an older unclip wrote the index
  std::vector<FoundPicture> unreadable;  // files without a row, because they could not be read
  std::vector<FoundPicture> removed;     // files whose rows were removed by name
  Copies copies;                         // of the rows; during an update, of the first rows
  GraphTensors graph;                    // of the distinct rows; undefined: there is none
  GraphOptions graph_options;

  int64_t rows() const { return static_cast<int64_t>(pictures.size()); }
};

/// The path of a folder's index file. find_pictures skips files of that name.
std::filesystem::path index_of(const std::filesystem::path& folder);

/// Reads an index. It is an embedding file in which each row has a `path`, relative to the folder.
/// It has the tensors `picture_size` and `picture_mtime`, (N) int64 each, `copy_of` (N) int32 (see
/// Copies), `provenance` (see provenance_tensor), and optionally a graph of the distinct rows (see
/// graph_in). Its metadata has `unreadable` and `removed`, JSON arrays of objects with `path`,
/// `size` and `mtime`, and `graph_options`. An index that an earlier unclip wrote, which has no
/// `copy_of`, is read without its graph, because that graph links copies, which hide other images.
/// Nothing in the file is trusted: throws Error if it is incomplete, a path is not within the
/// folder, or two rows have the same path.
PictureIndex read_index(const std::filesystem::path& file);
/// The same for a file that has been opened.
PictureIndex index_in(const Checkpoint& file);
/// Writes the index, completely or not at all, and replaces an existing file. Throws Error if it
/// has no row.
void write_index(const std::filesystem::path& file, const PictureIndex& index);

/// Keeps only some of the rows, in the order of `rows`, with their part of the graph. If more than
/// a quarter of the graph would be removed, the whole graph is.
void keep_rows(PictureIndex& index, const std::vector<int64_t>& rows);

/// Removes rows by their paths, and records their files in `index.removed`, so that an update skips
/// them until they change. Throws Error, and removes nothing, if a path has no row or if no row
/// would be left.
void remove_rows(PictureIndex& index, const std::vector<std::string>& paths);

}  // namespace unclip
