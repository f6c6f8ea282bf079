#pragma once

#include <functional>
#include <string>

#include "cli/arguments.h"
#include "cli/streams.h"

namespace unclip::cli {

/// A verb's report: to --output where it is given (in a DIR as `fallback`), whose name is printed
/// then, else to standard output.
void deliver(const std::string& text, const std::string& fallback, const Arguments& arguments,
             const Streams& streams);

/// A report in three forms: as --csv asks for, as --json does, else for people.
struct Report {
  std::function<std::string()> csv, json, text;
};
/// The one that is asked for; in a DIR it is `name` with .csv, .jsonl or .txt.
void deliver(const Report& report, const std::string& name, const Arguments& arguments,
             const Streams& streams);
/// Throws UsageError where --csv and --json stand together.
void expect_one_form(const Arguments& arguments);
/// The same, and Error where the report could not be written: before long work.
void expect_deliverable(const Arguments& arguments);

}  // namespace unclip::cli
