#pragma once

#include <map>
#include <string>
#include <string_view>

namespace unclip::cli {

/// What a `parameters` text says, which AUTOMATIC1111's web UI and many programs write: lines of
/// the prompt, lines of the negative prompt behind "Negative prompt:", then a line of values,
/// "Steps: 20, Sampler: Euler a, Seed: 7, ...". Without three values the last line is prompt.
struct ParametersText {
  std::string prompt, negative_prompt;
  std::map<std::string, std::string> values;  ///< by their keys: "Steps" -> "20"
};

/// Any text at all, in time that its length bounds.
ParametersText parse_parameters(std::string_view text);

}  // namespace unclip::cli
