#pragma once

#include <filesystem>

#include "cli/metadata.h"

namespace unclip::cli {

/// What the `unclip` text of a PNG tells, which `metadata` wrote. Its tensors are flat, for a
/// recipe does not know the model's sizes. Throws Error where there is none, or a value that none
/// can have.
Recipe read_recipe(const std::filesystem::path& png);

}  // namespace unclip::cli
