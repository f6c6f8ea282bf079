#pragma once

#include <filesystem>
#include <string>

namespace unclip::lab {

/// Runs gnuplot on `script`, which plots to the file that the terminal and output named before it
/// are set to: SVG or PNG, by the ending of `file`. The picture appears whole or not at all. Throws
/// Error where the ending is another one, gnuplot is not installed, or it fails.
void plot(const std::string& script, const std::filesystem::path& file, int width, int height);

/// Text in a script's quotes.
std::string quoted(const std::string& text);

}  // namespace unclip::lab
