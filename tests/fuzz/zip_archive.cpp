#include "weights/zip_archive.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(zip_archive, "torch/*.pt", "torch/*.th") {
  const auto archive = ZipArchive::parse(bytes, "x");
  uint64_t all = 0;
  for (const auto& record : archive.records()) {
    fuzz::expect(record.begin <= bytes.size() && record.size <= bytes.size() - record.begin,
                 "a record lies in the file");
    fuzz::expect(archive.find(record.name) == &record, "a record is found by its name");
    all += record.size;
  }
  fuzz::expect(all <= bytes.size(), "records share no byte");
}

}  // namespace unclip
