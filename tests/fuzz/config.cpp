#include <nlohmann/json.hpp>

#include "base/config.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(config, "karlo/*.json") {
  const auto config = Config::parse(bytes, "x");
  fuzz::expect(config.json().is_object(), "a config is a JSON object");
  for (const auto& key : config.keys()) config.has(key);
}

}  // namespace unclip
