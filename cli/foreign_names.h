#pragma once

#include <string>
#include <string_view>

#include "cli/arguments.h"

namespace unclip::cli {

/// What to use here instead of an option that other image generators have ("cfg-scale",
/// "width"): "here it is --decoder-guidance". Empty if the name is unknown, or if `flags` lack
/// ours.
std::string foreign_option(const Flags& flags, std::string_view name);

/// Whether other tools have a command of this name ("serve", "pull", "txt2img").
bool is_foreign_verb(std::string_view word);

}  // namespace unclip::cli
