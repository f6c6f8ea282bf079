#pragma once

#include <filesystem>

#include "pipeline/embeddings.h"
#include "search/find_pictures.h"
#include "search/graph_tensors.h"

namespace unclip {

/// The pictures of a folder and their embeddings, N rows.
struct PictureIndex {
  Embeddings embeddings;                 // image_embedding alone, with the model that made it
  std::vector<FoundPicture> pictures;    // what each file was like when it was encoded
  std::vector<FoundPicture> unreadable;  // could not be read, and so have no row
  GraphTensors graph;                    // of the rows; undefined: there is none

  int64_t rows() const { return static_cast<int64_t>(pictures.size()); }
};

/// Where the index of a folder lies: in it, under a name that find_pictures passes over.
std::filesystem::path index_of(const std::filesystem::path& folder);

/// An index is an embedding file whose rows have a `path` each, from the folder on, with two more
/// tensors, `picture_size` and `picture_mtime`, (N) int64 each; in its metadata `unreadable`, a
/// JSON array of objects with `path`, `size` and `mtime`; and perhaps a graph (see graph_in).
/// Nothing in it is trusted: throws Error where it is not whole, or a path is not one of a file
/// within the folder, or stands there twice.
PictureIndex read_index(const std::filesystem::path& file);
/// Writes it whole or not at all, over an index that is there.
void write_index(const std::filesystem::path& file, const PictureIndex& index);

}  // namespace unclip
