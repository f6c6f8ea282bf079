#pragma once

#include <filesystem>
#include <string>

#include "base/write_file.h"

namespace unclip::lab {

/// Runs gnuplot on `script`, with terminal and output set before it: SVG or PNG, by the extension
/// of `file`. The file appears complete or not at all. Returns the name that it got. Throws Error
/// if the extension is another one, if gnuplot is not installed, or if it fails.
std::filesystem::path plot(const std::string& script, const std::filesystem::path& file, int width,
                           int height, WriteMode mode);

/// Throws Error if plot() would for this file with any script: another extension, or no gnuplot.
void expect_plottable(const std::filesystem::path& file);

/// The text in quotes, for a script.
std::string quoted(const std::string& text);

}  // namespace unclip::lab
