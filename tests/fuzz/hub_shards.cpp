#include "hub/select_files.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(hub_shards) {
  for (const auto& shard : hub::shard_names(bytes, "index")) {
    fuzz::expect(shard.find('/') == shard.npos && shard[0] != '.', "shards stay in their folder");
  }
}

}  // namespace unclip
