#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/streams.h"

namespace unclip::cli {

/// What `schedule compare` takes besides `schedule`'s own flags.
Flags compare_flags();

/// `schedule compare WALK...`
void compare(const std::vector<std::string>& walks, const Arguments& arguments,
             const Streams& streams);

}  // namespace unclip::cli
