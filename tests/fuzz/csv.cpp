#include "base/csv.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(csv) {
  const auto records = csv_records(bytes);
  std::string written;
  for (const auto& record : records) written += csv_record(record);
  fuzz::expect(csv_records(written) == records, "records that were read can be written");
}

}  // namespace unclip
