#include "cli/plotted_report.h"

#include <ostream>

#include "cli/gallery.h"
#include "cli/output_name.h"
#include "lab/gnuplot.h"

namespace unclip::cli {

void expect_plotted_report(const Arguments& arguments) {
  expect_deliverable(arguments);
  const auto file = arguments.text("plot");
  if (file.empty()) return;
  lab::expect_plottable(file);
  expect_writable(file, write_mode(arguments));
}

void deliver(const Report& report, const std::string& name, const Plot& plot,
             const Arguments& arguments, const Streams& streams) {
  const auto file = arguments.text("plot");
  const bool reports =
      file.empty() || arguments.on("csv") || arguments.on("json") || arguments.given("output");
  if (reports) deliver(report, name, arguments, streams);
  if (file.empty()) return;
  const auto path = plot(file, write_mode(arguments));
  if (!reports) {
    streams.out << path.string() << "\n";
  } else if (!arguments.on("quiet")) {
    streams.err << path.string() << std::endl;
  }
}

}  // namespace unclip::cli
