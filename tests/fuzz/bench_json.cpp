#include "lab/bench.h"
#include "tests/fuzz/target.h"
#include "tests/weights/files.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(bench_json) {
  static const testing::TemporaryFolder folder;
  testing::write_text(folder / "bench.json", bytes);
  const auto bench = lab::read_bench(folder / "bench.json");
  lab::as_text(bench);
  lab::compared(bench, bench, "x");
}

}  // namespace unclip
