#include "clip/tokenizer_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/config.h"

namespace unclip {

std::optional<int64_t> read_max_length(const Config& config) {
  constexpr double kNoLimit = 1e9;  // files write 1e30 for no limit
  for (const std::string key : {"model_max_length", "max_len"}) {
    if (!config.has(key)) continue;
    if (config.require<double>(key) >= kNoLimit) return std::nullopt;
    return config.integer(key, 2, 2, static_cast<int64_t>(kNoLimit));
  }
  return std::nullopt;
}

void check_tokenizer_config(const Config& config, const Config& tokenizer_json,
                            std::initializer_list<std::string_view> classes) {
  if (config.has("tokenizer_class")) {
    const auto found = config.require<std::string>("tokenizer_class");
    if (std::find(classes.begin(), classes.end(), found) == classes.end()) {
      config.fail_value("tokenizer_class", "\"" + std::string(*classes.begin()) + "\"");
    }
  }
  config.expect("padding_side", "right");
  config.expect("truncation_side", "right");
  config.expect("split_special_tokens", false);
  config.expect_absent("fast_tokenizer_files");

  for (const std::string key : {"truncation", "padding"}) {
    const auto& json = tokenizer_json.json();
    if (!json.contains(key) || !json.at(key).is_object()) continue;
    Config::parse(json.at(key).dump(), tokenizer_json.name() + ": '" + key + "'")
        .expect("direction", "Right");
  }
}

}  // namespace unclip
