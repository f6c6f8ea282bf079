#include "cli/deliver.h"

#include <ostream>

#include "cli/gallery.h"
#include "cli/output_name.h"
#include "image/write_file.h"

namespace unclip::cli {

void deliver(const std::string& text, const std::string& fallback, const Arguments& arguments,
             const Streams& streams) {
  if (!arguments.given("output") || arguments.text("output") == "-") {
    streams.out << text;
    return;
  }
  const OutputName name(arguments.text("output"), fallback, 1);
  name.prepare(0);
  streams.out << write_file(name.path(0, 0), text, write_mode(arguments)).string() << "\n";
}

}  // namespace unclip::cli
