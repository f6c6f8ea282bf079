#include "world/picturebook/objects.h"

#include <algorithm>

#include "base/error.h"
#include "world/picturebook/data.h"

namespace unclip::world::picturebook {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

void read_flag(std::string_view flag, int line, ObjectKind& kind) {
  if (flag == "flies") {
    kind.flies = true;
  } else if (flag == "mass") {
    kind.mass = true;
  } else if (flag == "the") {
    kind.definite = true;
  } else if (!flag.empty()) {
    fail("objects.tsv, line ", line, ": expected flies, mass or the, found '", flag, "'");
  }
}

ObjectKind parse_line(std::string_view text, int line) {
  const auto fields = split(text, '\t');
  if (fields.size() != 5) {
    fail("objects.tsv, line ", line, ": expected 5 fields, found ", fields.size());
  }
  ObjectKind kind{.names = {{std::string(fields[1]), std::string(fields[2])}}};
  if (fields[1].empty() || fields[2].empty()) {
    fail("objects.tsv, line ", line, ": expected a name and its plural, found '", fields[1],
         "' and '", fields[2], "'");
  }
  if (!fields[3].empty()) {
    for (const auto name : split(fields[3], ',')) {
      const auto forms = split(name, '/');
      if (forms.size() != 2) {
        fail("objects.tsv, line ", line, ": expected names as one/many, found '", name, "'");
      }
      kind.names.push_back({std::string(forms[0]), std::string(forms[1])});
    }
  }
  for (const auto flag : split(fields[4], ',')) read_flag(flag, line, kind);
  return kind;
}

}  // namespace

std::vector<ObjectKind> parse_object_kinds(std::string_view tsv) {
  std::vector<ObjectKind> kinds;
  int line = 0;
  for (const auto text : split(tsv, '\n')) {
    ++line;
    if (!text.empty() && text.front() != '#') kinds.push_back(parse_line(text, line));
  }
  return kinds;
}

const std::vector<ObjectKind>& object_kinds() {
  static const auto kinds = [] {
    auto parsed = parse_object_kinds(objects_tsv());
    if (parsed.size() != kObjects) {
      fail("objects.tsv: expected ", kObjects, " objects, found ", parsed.size());
    }
    return parsed;
  }();
  return kinds;
}

Kind Kind::object(std::string_view name) {
  const auto& kinds = object_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const ObjectKind& kind) {
    return kind.names.front().one == name;
  });
  if (found == kinds.end()) fail("expected an object of the picture book, found '", name, "'");
  return Kind(static_cast<int>(found - kinds.begin()));
}

bool Kind::flies() const {
  return !is_solid() && object_kinds()[static_cast<size_t>(index_)].flies;
}

}  // namespace unclip::world::picturebook
