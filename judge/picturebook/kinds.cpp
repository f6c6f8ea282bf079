#include "judge/picturebook/kinds.h"

#include <array>

#include "base/error.h"
#include "judge/picturebook/data.h"

namespace unclip::judge::picturebook {
namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return parts;
}

KindNames solid_names(int solid) {
  static constexpr std::array<const char*, kSolidColours> kColours = {
      "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"};
  static constexpr std::array<const char*, kSolidShapes> kOne = {
      "ball,sphere", "cube,box", "cylinder,can,tube", "cone", "ring,doughnut,donut,torus", "star"};
  static constexpr std::array<const char*, kSolidShapes> kMany = {"balls,spheres",
                                                                  "cubes,boxes",
                                                                  "cylinders,cans,tubes",
                                                                  "cones",
                                                                  "rings,doughnuts,donuts,toruses",
                                                                  "stars"};
  const auto colour = std::string(kColours[static_cast<size_t>(solid % kSolidColours)]) + " ";
  const auto shape = static_cast<size_t>(solid / kSolidColours);
  KindNames names{split(kOne[shape], ','), split(kMany[shape], ',')};
  for (auto* list : {&names.one, &names.many})
    for (auto& noun : *list) noun.insert(0, colour);
  return names;
}

const std::vector<KindNames>& all_names() {
  static const auto all = [] {
    std::vector<KindNames> list;
    for (const auto& line : split(names_tsv(), '\n')) {
      const auto columns = split(line, '\t');
      if (columns.size() != 2) {
        fail("names.tsv: expected lines of 2 fields, found '", line, "'");
      }
      list.push_back({split(columns[0], ','), split(columns[1], ',')});
    }
    if (list.size() != kObjects) {
      fail("names.tsv: expected ", kObjects, " lines, found ", list.size());
    }
    for (int i = 0; i < kKinds - kObjects; ++i) list.push_back(solid_names(i));
    return list;
  }();
  return all;
}

}  // namespace

const KindNames& names_of(int kind) { return all_names().at(static_cast<size_t>(kind)); }

const std::string& name(int kind) {
  static const std::string kUnknown = "unknown";
  return kind == kUnknownKind ? kUnknown : names_of(kind).one.front();
}

std::string_view name(Background background) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "unknown", "white", "sky",  "mint",   "night",  "grass",
      "sea",     "beach", "snow", "desert", "sunset", "stars"};
  return kNames.at(static_cast<size_t>(background));
}

}  // namespace unclip::judge::picturebook
