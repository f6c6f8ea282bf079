#pragma once

#include <optional>
#include <string>

#include "clip/tokenizer.h"
#include "families/kandinsky22/configs.h"

namespace unclip::kandinsky22 {

/// What check_model() has read.
struct CheckedModel {
  Configs configs;
  std::optional<Tokenizer> tokenizer;  // present if texts are needed
};

/// Family::check, which also returns what it has read.
CheckedModel check_model(const ModelDir& folder, const Needs& needs);
/// Family::check_part.
void check_part(const ModelDir& folder, const std::string& part);

}  // namespace unclip::kandinsky22
