#pragma once

#include <filesystem>
#include <string>

#include "base/write_file.h"

namespace unclip::lab {

/// Runs gnuplot on `script`, with terminal and output set before it: SVG or PNG, by the ending of
/// `file`. The picture appears whole or not at all; returns the name that it got. Throws Error
/// where the ending is another one, gnuplot is not installed, or it fails.
std::filesystem::path plot(const std::string& script, const std::filesystem::path& file, int width,
                           int height, WriteMode mode);

/// Throws the Errors of plot() that do not need a script: another ending, no gnuplot.
void expect_plottable(const std::filesystem::path& file);

/// Text in a script's quotes.
std::string quoted(const std::string& text);

}  // namespace unclip::lab
