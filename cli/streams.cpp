#include "cli/streams.h"

#include "cli/arguments.h"

namespace unclip::cli {

void expect_no_terminal(const Streams& streams) {
  if (!streams.out_is_terminal) return;
  throw UsageError("--output -: expected a file or a pipe as standard output, got a terminal");
}

}  // namespace unclip::cli
