#pragma once

#include <string_view>

namespace unclip::karlo {

/// The config of a part of the published model, as JSON; empty if the part has none that could
/// stand in a program (the tokenizer).
std::string_view original_config(std::string_view part);

}  // namespace unclip::karlo
