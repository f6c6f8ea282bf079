#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/progress_bar.h"
#include "engine/engine.h"

namespace unclip::cli {

/// Encodes images, --batch-size at a time. `read` returns an image, uint8 (3, H, W), or nothing to
/// leave it out; `take` gets the names of those that were read and their embeddings (B, D). Shows
/// progress unless --quiet is given, and throws Cancelled after a signal.
void encode_in_batches(
    Engine& model, const std::vector<std::string>& names, const Arguments& arguments,
    ProgressBar& progress,
    const std::function<std::optional<at::Tensor>(const std::string& name)>& read,
    const std::function<void(const std::vector<std::string>& names, const at::Tensor& z)>& take);

}  // namespace unclip::cli
