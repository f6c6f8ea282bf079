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
  deliver(report, name, arguments, streams);
  const auto file = arguments.text("plot");
  if (file.empty()) return;
  const auto path = plot(file, write_mode(arguments));
  if (!arguments.on("quiet")) streams.err << path.string() << std::endl;
}

}  // namespace unclip::cli
