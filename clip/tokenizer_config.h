#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace unclip {

class Config;

/// Throws Error unless tokenizer_config.json and tokenizer.json name one of the classes and have
/// only values that are implemented.
void check_tokenizer_config(const Config& config, const Config& tokenizer_json,
                            std::initializer_list<std::string_view> classes);

/// The longest sequence of tokens by tokenizer_config.json; nothing if it is absent, or so large
/// that it means no limit.
std::optional<int64_t> read_max_length(const Config& config);

}  // namespace unclip
