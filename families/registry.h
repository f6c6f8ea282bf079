#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/family.h"

namespace unclip {

/// All families of models, in the order in which the help lists their stages.
const std::vector<const Family*>& families();
/// Adds a family that the library does not know; it must outlive the process's work. Call it before
/// any model is opened: it is not for several threads.
void add_family(const Family& family);

/// The stages of all families, each name once; guided if one of its families guides it.
std::vector<StageSpec> all_stages();

/// A model folder, read by the family that its model_index.json names, or without that file by the
/// family whose authors' files it holds. `borrowed` and what is thrown: see ModelDir::open; also
/// throws Error if no family has the class.
ModelDir open_model_dir(const std::filesystem::path& dir,
                        const std::map<std::string, std::filesystem::path>& borrowed = {});
/// The family that read `folder`.
const Family& family_of(const ModelDir& folder);

}  // namespace unclip
