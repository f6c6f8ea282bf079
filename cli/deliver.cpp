#include "cli/deliver.h"

#include <ostream>

#include "base/write_file.h"
#include "cli/gallery.h"
#include "cli/output_name.h"

namespace unclip::cli {
namespace {

bool names_file(const Arguments& arguments) {
  return arguments.given("output") && !is_standard_output(arguments.text("output"));
}

}  // namespace

void expect_one_form(const Arguments& arguments) {
  if (arguments.on("csv") && arguments.on("json")) {
    throw UsageError("--csv and --json exclude each other");
  }
}

void expect_deliverable(const Arguments& arguments) {
  expect_one_form(arguments);
  if (!names_file(arguments)) return;
  OutputName(arguments.text("output"), "report", 1).prepare(0, write_mode(arguments));
}

void deliver(const std::string& text, const std::string& fallback, const Arguments& arguments,
             const Streams& streams) {
  if (!names_file(arguments)) {
    streams.out << text;
    return;
  }
  const OutputName name(arguments.text("output"), fallback, 1);
  name.prepare(0, write_mode(arguments));
  streams.out << write_file(name.path(0, 0), text, write_mode(arguments)).string() << "\n";
}

void deliver(const Report& report, const std::string& name, const Arguments& arguments,
             const Streams& streams) {
  if (arguments.on("csv")) return deliver(report.csv(), name + ".csv", arguments, streams);
  if (arguments.on("json")) return deliver(report.json(), name + ".jsonl", arguments, streams);
  deliver(report.text(), name + ".txt", arguments, streams);
}

}  // namespace unclip::cli
