#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unclip {

/// The values of a key at the top of a Markdown file, between its first line `---` and the next:
///   prior:                         prior: owner/name        prior: [owner/name, "owner/other"]
///   - owner/name
/// Empty if there is no such block or key, or if the value has another form. Only these forms of
/// YAML are read; other lines are skipped. The bytes are not trusted: the first 64 KiB are read,
/// and at most 16 values.
std::vector<std::string> front_matter_values(std::string_view markdown, std::string_view key);

}  // namespace unclip
