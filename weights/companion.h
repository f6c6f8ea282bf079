#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "weights/model_layout.h"

namespace unclip {

/// The folders of a model by PartSpec::home, "" being the main one: `dir`, whose model_index.json
/// has the class `class_name`, and those of the others that exist. A companion is looked for
///   in the main folder, under its name;
///   next to `dir`, under the name of its repository: kandinsky-2-2-prior;
///   in the hub's cache, that in which `dir` is, otherwise HubCache::of_environment(), at `main`.
/// Its repository is the one that README.md in `dir` names, otherwise the one of the layout. The
/// main folder is looked for in the last two places if `dir` is a companion.
std::map<std::string, std::filesystem::path> find_model_folders(const std::filesystem::path& dir,
                                                                const std::string& class_name,
                                                                const ModelLayout& layout);

/// The repository of a companion, or with an empty `home` of the main folder, for the model in
/// `dir`; empty if none is known.
std::string repository_of(const std::filesystem::path& dir, const ModelLayout& layout,
                          const std::string& home);

/// "expected it in ../NAME or as OWNER/NAME in the hub's cache" for a folder that was not found;
/// empty if no repository of it is known.
std::string where_to_put(const std::filesystem::path& dir, const ModelLayout& layout,
                         const std::string& home);

}  // namespace unclip
