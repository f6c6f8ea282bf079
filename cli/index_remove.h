#pragma once

#include <filesystem>

#include "cli/arguments.h"
#include "cli/streams.h"

namespace unclip::cli {

/// What `index DIR --remove FILE...` does: removes the images' rows from the index `file` of the
/// folder, without a model. Throws UsageError for flags of an update, and Error, with the index
/// unchanged, for a name that is not in it or if no row would be left.
void remove_from_index(const Arguments& arguments, const std::filesystem::path& folder,
                       const std::filesystem::path& file, const Streams& streams);

}  // namespace unclip::cli
