#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "cli/deliver.h"
#include "image/write_file.h"

namespace unclip::cli {

/// Throws UsageError or Error where --output or --plot could not be written: before long work.
void expect_plotted_report(const Arguments& arguments);

/// Plots to a file, and returns the name that it got.
using Plot =
    std::function<std::filesystem::path(const std::filesystem::path& file, WriteMode mode)>;
/// Delivers the report, then plots to --plot where that is given, whose name is told on standard
/// error.
void deliver(const Report& report, const std::string& name, const Plot& plot,
             const Arguments& arguments, const Streams& streams);

}  // namespace unclip::cli
