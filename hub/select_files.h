#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/config.h"
#include "hub/tree_listing.h"
#include "weights/model_layout.h"

namespace unclip::hub {

/// A file of a repository.
struct ListedFile {
  std::string path;
  Blob blob;
};

/// The contents of a file that the choice of others depends on.
using ReadFile = std::function<std::string(const ListedFile&)>;

/// A folder of a repository that has a model_index.json: the model's, or a companion's.
struct ModelFolder {
  std::string repository;  // OWNER/NAME, for messages
  const TreeListing& files;
  const Config& index;  // its model_index.json
  std::string home;     // PartSpec::home of the parts that it holds
  std::string prefix;   // of its files in the repository: empty, or "FOLDER/"
};

/// The files that the engine reads of a folder: model_index.json, unclip.json, README.md if that
/// names companions, and of each part its configs and one set of weights, which is the first of
///   STEM.safetensors       STEM.safetensors.index.json and its shards
///   the same as fp16       STEM.fp16.safetensors, ...
///   the same as pickles    STEM.bin or pytorch_model.bin, ...
/// With `fp16`, half precision comes first. Throws Error if the index lists a part that the layout
/// or the repository lacks, if a part has no weights, or if an index of shards is not valid.
std::vector<ListedFile> select_files(const ModelFolder& folder, const ModelLayout& layout,
                                     bool fp16, const ReadFile& read);

/// Whether one of the files is in half precision, by its name.
bool has_fp16(const std::vector<ListedFile>& files);

/// A companion folder of a model that is a repository of its own.
struct Companion {
  std::string home;        // PartSpec::home
  std::string repository;  // OWNER/NAME
};
/// The companions that a model's README.md names, or else those of the layout. Empty if the layout
/// has none, or if they lie in the model's folder. Throws Error if neither names one, or README.md
/// names something else than OWNER/NAME.
std::vector<Companion> find_companions(const ModelFolder& folder, const ModelLayout& layout,
                                       const ReadFile& read);

/// The names of the shards in an index (`weight_map`), each once. The bytes are not trusted. Throws
/// Error, which names `name`, unless every value is the name of a .safetensors or .bin file in the
/// same folder.
std::vector<std::string> shard_names(std::string_view json, const std::string& name);

}  // namespace unclip::hub
