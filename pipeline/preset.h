#pragma once

#include <string>
#include <vector>

#include "pipeline/text_to_image.h"

namespace unclip {

/// fast, balanced and exact: a sampler and a number of steps for each stage. "exact" is the model's
/// own, which is what the published model paints.
std::vector<std::string> preset_names();

/// Fills in what the options leave open: a stage whose walk is given keeps it, and one whose steps
/// are given keeps those. Throws Error for an unknown name, with the nearest one.
GenerateOptions with_preset(GenerateOptions options, const std::string& name);

}  // namespace unclip
