#include "hub/tree_listing.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

using nlohmann::json;

constexpr size_t kMostFiles = 100'000;
constexpr uint64_t kLargestFile = uint64_t{1} << 46;
constexpr int kDeepestListing = 8;  // the hub's has 3 levels

/// One entry of a page, and what to call it in a message.
struct TreeEntry {
  const json& value;
  std::string name;

  const json* find(const char* key) const {
    const auto it = value.find(key);
    return it == value.end() || it->is_null() ? nullptr : &*it;
  }
  std::string text(const char* key) const {
    const auto* found = find(key);
    if (found == nullptr || !found->is_string()) refuse(key, "a string", found);
    return found->get<std::string>();
  }
  uint64_t size() const {
    const auto* found = find("size");
    const bool fits =
        found != nullptr && found->is_number_unsigned() && found->get<uint64_t>() <= kLargestFile;
    if (!fits) refuse("size", "an integer from 0 to 2^46", found);
    return found->get<uint64_t>();
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const json* found) const {
    const auto text =
        found == nullptr ? "nothing" : found->dump(-1, ' ', true, json::error_handler_t::replace);
    fail(name, ": '", key, "': expected ", expected, ", got ", shown(text));
  }
};

std::string hash_of(const TreeEntry& entry, size_t digits) {
  auto hash = entry.text("oid");
  if (hash.size() != digits || !is_hash(hash)) {
    entry.refuse("oid", std::to_string(digits) + " hexadecimal digits", entry.find("oid"));
  }
  return hash;
}

/// A large file has the hash that git gives its pointer, and in `lfs` its own.
Blob blob_of(const TreeEntry& entry) {
  Blob blob;
  blob.size = entry.size();
  const auto* lfs = entry.find("lfs");
  if (lfs == nullptr) {
    blob.hash = hash_of(entry, 40);
    return blob;
  }
  const TreeEntry large{*lfs, entry.name + ": 'lfs'"};
  if (!lfs->is_object()) entry.refuse("lfs", "an object", lfs);
  blob.hash = hash_of(large, 64);
  if (large.size() != blob.size)
    large.refuse("size", std::to_string(blob.size), large.find("size"));
  return blob;
}

/// Calls `on_entry` for each element of a JSON list, which is then forgotten: a list of all would
/// cost nlohmann's parser time with the square of its length.
template <class OnEntry>
void parse_listing(std::string_view text, const std::string& name, const OnEntry& on_entry) {
  bool is_list = false;
  const auto receive = [&](int depth, json::parse_event_t event, const json& parsed) {
    using Event = json::parse_event_t;
    if (depth > kDeepestListing) fail(name, ": is nested deeper than ", kDeepestListing, " levels");
    if (depth == 0 && event == Event::array_start) is_list = true;
    const bool is_entry = depth == 1 && (event == Event::object_end || event == Event::array_end ||
                                         event == Event::value);
    if (!is_list || !is_entry) return true;
    on_entry(parsed);
    return false;
  };
  try {
    const auto rest = json::parse(text, receive);
    if (!is_list) fail(name, ": expected a JSON list of files, got ", rest.type_name());
  } catch (const json::parse_error& error) {
    fail(name, ": is not valid JSON at byte ", error.byte);
  } catch (const json::out_of_range&) {
    fail(name, ": has a number that is too large");
  }
}

bool is_plain_component(std::string_view component) {
  std::string lower;
  for (const unsigned char c : component) {
    if (c < ' ' || c == 0x7f || c == '\\') return false;
    lower += static_cast<char>(std::tolower(c));
  }
  return !lower.empty() && lower != "." && lower != ".." && lower != ".git" && lower.size() <= 255;
}

}  // namespace

bool is_plain_path(const std::string& path) {
  if (path.size() > 1024 || !is_utf8(path)) return false;
  for (std::string_view rest = path;;) {
    const auto slash = rest.find('/');
    if (!is_plain_component(rest.substr(0, slash))) return false;
    if (slash == rest.npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

void add_tree_page(TreeListing& files, std::string_view text, const std::string& name) {
  size_t count = 0;
  parse_listing(text, name, [&](const json& value) {
    const TreeEntry entry{value, name + ": entry " + std::to_string(count++)};
    if (!value.is_object()) fail(entry.name, ": expected an object, got ", value.type_name());
    if (entry.text("type") != "file") return;  // a folder; its files are listed by themselves
    const auto path = entry.text("path");
    if (!is_plain_path(path)) {
      entry.refuse("path", "a path inside the repository", entry.find("path"));
    }
    if (!files.emplace(path, blob_of(entry)).second) {
      entry.refuse("path", "each file once", entry.find("path"));
    }
    if (files.size() > kMostFiles)
      fail(name, ": expected at most ", kMostFiles, " files, got more");
  });
}

std::optional<std::string> next_page(std::string_view link) {
  while (!link.empty()) {
    const auto begin = link.find('<');
    const auto end = link.find('>', begin);
    if (begin == link.npos || end == link.npos) return std::nullopt;
    const auto url = link.substr(begin + 1, end - begin - 1);
    const auto after = link.find('<', end);  // the next link of the header
    const auto parameters = link.substr(end, after == link.npos ? link.npos : after - end);
    if (parameters.find("rel=\"next\"") != parameters.npos ||
        parameters.find("rel=next") != parameters.npos) {
      return std::string(url);
    }
    link = after == link.npos ? std::string_view() : link.substr(after);
  }
  return std::nullopt;
}

}  // namespace unclip::hub
