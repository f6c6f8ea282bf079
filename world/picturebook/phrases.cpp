#include "world/picturebook/phrases.h"

#include <array>
#include <sstream>

namespace unclip::world::picturebook {
namespace {

constexpr double kPlainWeight = 4;  // of a plain name; other names have 1

struct ShapeName {
  const char *one, *many;
  double weight;
};

// The toy world's words.
const std::vector<ShapeName>& names(Shape shape) {
  static const std::array<std::vector<ShapeName>, kShapes> lists = {{
      {{"ball", "balls", 3}, {"sphere", "spheres", 1}},
      {{"cube", "cubes", 3}, {"box", "boxes", 1}},
      {{"cylinder", "cylinders", 6}, {"can", "cans", 1}, {"tube", "tubes", 1}},
      {{"cone", "cones", 1}},
      {{"ring", "rings", 6},
       {"doughnut", "doughnuts", 1},
       {"donut", "donuts", 1},
       {"torus", "toruses", 1}},
      {{"star", "stars", 1}},
  }};
  return lists[static_cast<size_t>(shape)];
}

const char* name(Colour colour) {
  static constexpr std::array<const char*, kColours> kNames = {"red",  "orange", "yellow", "green",
                                                               "blue", "purple", "pink",   "brown"};
  return kNames[static_cast<size_t>(colour)];
}

std::vector<Wording> make_nouns(Kind kind, bool plural) {
  std::vector<Wording> list;
  if (kind.is_solid()) {
    for (const auto& [one, many, weight] : names(kind.shape())) {
      list.push_back({std::string(name(kind.colour())) + " " + (plural ? many : one), weight});
    }
    return list;
  }
  for (const Naming& naming : object_kinds()[static_cast<size_t>(kind.index())].names) {
    const std::string& text = plural ? naming.many : naming.one;
    if (!text.empty()) list.push_back({text, list.empty() ? kPlainWeight : 1});
  }
  return list;
}

}  // namespace

const Phrases<Size>& sizes() {
  static const Phrases<Size> list = {{Size::kSmall, {{"small", 4}, {"tiny", 1}, {"little", 1}}},
                                     {Size::kBig, {{"big", 4}, {"large", 2}}}};
  return list;
}

const Phrases<Relation>& relations() {
  static const Phrases<Relation> list = {
      {Relation::kLeftOf, {{"left of", 6}, {"to the left of", 3}, {"on the left of", 1}}},
      {Relation::kRightOf, {{"right of", 6}, {"to the right of", 3}, {"on the right of", 1}}},
      {Relation::kAbove, {{"above", 6}, {"over", 2}, {"on top of", 2}}},
      {Relation::kBelow, {{"below", 6}, {"under", 2}, {"beneath", 2}}},
      {Relation::kNextTo, {{"next to", 6}, {"beside", 2}, {"near", 1}, {"by", 1}}},
      {Relation::kAnd, {{"and", 6}, {"with", 1}}}};
  return list;
}

const Phrases<Background>& backgrounds() {
  static const Phrases<Background> list = {
      {Background::kWhite,
       {{"on a white background", 6},
        {"on white", 2},
        {"on the white background", 1},
        {"in front of a white background", 1}}},
      {Background::kSky,
       {{"under the sky", 6},
        {"on a sky background", 2},
        {"on sky", 1},
        {"in the sky", 1},
        {"on the sky background", 1},
        {"against the sky", 1},
        {"in front of a sky background", 1}}},
      {Background::kMint,
       {{"on a mint background", 6},
        {"on mint", 2},
        {"on the mint background", 1},
        {"in front of a mint background", 1}}},
      {Background::kNight,
       {{"at night", 6},
        {"in the night", 1},
        {"on a night background", 2},
        {"on night", 1},
        {"on the night background", 1},
        {"in front of a night background", 1}}},
      {Background::kGrass,
       {{"on grass", 6},
        {"on the grass", 3},
        {"on green grass", 1},
        {"in the grass", 1},
        {"in a meadow", 1},
        {"in a field", 1},
        {"on the lawn", 1},
        {"on a grass background", 1}}},
      {Background::kSea,
       {{"on the sea", 6},
        {"at sea", 2},
        {"in the sea", 1},
        {"on the ocean", 1},
        {"in the ocean", 1},
        {"on water", 1},
        {"on the water", 1},
        {"on a sea background", 1}}},
      {Background::kBeach,
       {{"on the beach", 6},
        {"on a beach", 1},
        {"at the beach", 2},
        {"on sand", 1},
        {"on the sand", 1},
        {"on a beach background", 1}}},
      {Background::kSnow,
       {{"in the snow", 6},
        {"in snow", 1},
        {"on snow", 1},
        {"on the snow", 1},
        {"in winter", 1},
        {"on a snow background", 1}}},
      {Background::kDesert,
       {{"in the desert", 6}, {"in a desert", 1}, {"on a desert background", 1}}},
      {Background::kSunset,
       {{"at sunset", 6},
        {"at dusk", 1},
        {"in the evening", 1},
        {"in front of a sunset", 1},
        {"on a sunset background", 1}}},
      {Background::kStars,
       {{"under the stars", 6},
        {"on a starry night", 2},
        {"under a starry sky", 1},
        {"under the starry sky", 1},
        {"at night with stars", 1},
        {"at night under the stars", 1},
        {"in a starry night", 1}}}};
  return list;
}

const Phrases<int>& counts() {
  static const Phrases<int> list = {
      {2, {{"two", 12}, {"2", 1}}}, {3, {{"three", 12}, {"3", 1}}}, {4, {{"four", 12}, {"4", 1}}}};
  return list;
}

const std::vector<Wording>& articles() {
  static const std::vector<Wording> list = {{"a", 12}, {"the", 2}, {"one", 1}, {"", 1}};
  return list;
}

const std::vector<Wording>& mass_articles() {
  static const std::vector<Wording> list = {{"", 3}, {"the", 1}, {"some", 1}};
  return list;
}

const std::vector<Wording>& definite_articles() {
  static const std::vector<Wording> list = {{"the", 6}, {"a", 3}, {"", 1}};
  return list;
}

const std::vector<Wording>& openings(bool plural) {
  static const std::vector<Wording> any = {{"", 48},
                                           {"a picture of", 1},
                                           {"a photo of", 1},
                                           {"an image of", 1},
                                           {"a drawing of", 1},
                                           {"an illustration of", 1},
                                           {"draw", 1},
                                           {"paint", 1},
                                           {"i see", 1},
                                           {"please paint", 1},
                                           {"please draw a picture of", 1}};
  static const auto with = [](const char* there) {
    auto list = any;
    list.push_back({there, 2});
    return list;
  };
  static const auto one = with("there is"), several = with("there are");
  return plural ? several : one;
}

const std::vector<Wording>& verbs() {
  static const std::vector<Wording> list = {{"", 40},        {"is", 1},      {"sitting", 1},
                                            {"standing", 1}, {"that is", 1}, {"placed", 1}};
  return list;
}

std::vector<std::string> split_words(std::string_view text) {
  std::string spaced;
  for (const char c : text) {
    if (c == ',')
      spaced += " , ";
    else
      spaced += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::istringstream in(spaced);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  if (!words.empty() && words.back().back() == '.') words.back().pop_back();
  return words;
}

const std::vector<Wording>& nouns(Kind kind, bool plural) {
  static const auto all = [] {
    std::vector<std::array<std::vector<Wording>, 2>> lists;
    for (int i = 0; i < kKinds; ++i) {
      lists.push_back({make_nouns(Kind(i), false), make_nouns(Kind(i), true)});
    }
    return lists;
  }();
  return all[static_cast<size_t>(kind.index())][plural];
}

}  // namespace unclip::world::picturebook
