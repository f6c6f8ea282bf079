#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/write_file.h"
#include "cli/deliver.h"

namespace unclip::cli {

/// Throws UsageError or Error if --output or --plot could not be written. Call before long work.
void expect_plotted_report(const Arguments& arguments);

/// Plots to a file, and returns the name that the file got.
using Plot =
    std::function<std::filesystem::path(const std::filesystem::path& file, WriteMode mode)>;
/// Delivers the report, and plots to --plot if that is given. With --plot, the report is delivered
/// only if --csv, --json or --output asks for it: the plot's name is printed in its place, else on
/// standard error.
void deliver(const Report& report, const std::string& name, const Plot& plot,
             const Arguments& arguments, const Streams& streams);

}  // namespace unclip::cli
