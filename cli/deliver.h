#pragma once

#include <string>

#include "cli/arguments.h"
#include "cli/streams.h"

namespace unclip::cli {

/// A verb's report: to --output where it is given (in a DIR as `fallback`), whose name is printed
/// then, else to standard output.
void deliver(const std::string& text, const std::string& fallback, const Arguments& arguments,
             const Streams& streams);

}  // namespace unclip::cli
