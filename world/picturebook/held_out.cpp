// The lists of what is excluded from training; README.md next to this file says how they were
// chosen. They never change, so that measurements on them are about combinations that no shipped
// model has seen.

#include "world/picturebook/held_out.h"

#include <algorithm>

namespace unclip::world::picturebook {

const std::vector<HeldOutPair>& held_out_pairs() {
  static const std::vector<HeldOutPair> pairs = [] {
    const auto pair = [](const char* a, const char* b) {
      return HeldOutPair{Kind::object(a), Kind::object(b)};
    };
    std::vector<HeldOutPair> list = {
        pair("sun", "book"),           pair("frog", "castle"),        pair("balloon", "cool face"),
        pair("owl", "cherry"),         pair("giraffe", "snake"),      pair("cake", "teddy bear"),
        pair("watermelon", "pizza"),   pair("coffee", "airplane"),    pair("flamingo", "banana"),
        pair("rose", "moon"),          pair("horse", "broccoli"),     pair("pizza", "airplane"),
        pair("elephant", "car"),       pair("cloud", "heart"),        pair("unicorn", "octopus"),
        pair("duck", "bicycle"),       pair("doughnut", "alien"),     pair("bicycle", "sad face"),
        pair("bird", "castle"),        pair("coffee", "sailboat"),    pair("strawberry", "pizza"),
        pair("cow", "watermelon"),     pair("rainbow", "pumpkin"),    pair("dinosaur", "butterfly"),
        pair("penguin", "snowflake"),  pair("sunflower", "heart"),    pair("cactus", "alien"),
        pair("watermelon", "chair"),   pair("whale", "cheese"),       pair("aubergine", "moon"),
        pair("pineapple", "doughnut"), pair("mushroom", "balloon"),   pair("snowflake", "chair"),
        pair("fish", "balloon"),       pair("cow", "crown"),          pair("carrot", "sailboat"),
        pair("cake", "crown"),         pair("dolphin", "angry face"), pair("sheep", "motorcycle"),
        pair("sheep", "pumpkin")};
    // The toy world's own.
    list.push_back({{Shape::kBall, Colour::kRed}, {Shape::kCube, Colour::kBlue}});
    list.push_back({{Shape::kStar, Colour::kGreen}, {Shape::kRing, Colour::kPurple}});
    list.push_back({{Shape::kCone, Colour::kYellow}, {Shape::kCylinder, Colour::kPink}});
    list.push_back({{Shape::kCube, Colour::kOrange}, {Shape::kStar, Colour::kBrown}});
    return list;
  }();
  return pairs;
}

const std::vector<HeldOutBackground>& held_out_backgrounds() {
  using enum Background;
  static const std::vector<HeldOutBackground> list = {
      {Kind::object("guitar"), {kNight, kStars}},   {Kind::object("unicorn"), {kMint, kBeach}},
      {Kind::object("fir"), {kGrass, kBeach}},      {Kind::object("carrot"), {kDesert, kNight}},
      {Kind::object("rocket"), {kSea, kBeach}},     {Kind::object("pizza"), {kNight, kGrass}},
      {Kind::object("octopus"), {kBeach, kDesert}}, {Kind::object("robot"), {kSnow, kGrass}},
      {Kind::object("lollipop"), {kSnow, kGrass}},  {Kind::object("elephant"), {kNight, kMint}}};
  return list;
}

const std::vector<Kind>& held_out_counts() {
  static const std::vector<Kind> list = {Kind::object("key"), Kind::object("dinosaur"),
                                         Kind::object("cake"), Kind::object("rocket"),
                                         Kind::object("bus")};
  return list;
}

const std::vector<Kind>& held_out_solids() {
  static const std::vector<Kind> list = {{Shape::kStar, Colour::kPink},
                                         {Shape::kRing, Colour::kGreen}};
  return list;
}

namespace {

bool contains(const std::vector<Kind>& list, Kind kind) {
  return std::find(list.begin(), list.end(), kind) != list.end();
}

bool is_held_out_pair(Kind a, Kind b) {
  const auto& pairs = held_out_pairs();
  return std::any_of(pairs.begin(), pairs.end(), [&](const HeldOutPair& pair) {
    return (pair.first == a && pair.second == b) || (pair.first == b && pair.second == a);
  });
}

bool is_held_out_on(Kind kind, Background background) {
  const auto& list = held_out_backgrounds();
  return std::any_of(list.begin(), list.end(), [&](const HeldOutBackground& held) {
    return held.kind == kind &&
           (held.backgrounds[0] == background || held.backgrounds[1] == background);
  });
}

bool are_held_out(const std::vector<Kind>& kinds, Background background) {
  for (const Kind kind : kinds)
    if (is_held_out_on(kind, background)) return true;
  switch (kinds.size()) {
    case 1:
      return contains(held_out_solids(), kinds[0]);
    case 2:
      return is_held_out_pair(kinds[0], kinds[1]);
    case 3:
      return contains(held_out_counts(), kinds[0]);
    default:
      return false;
  }
}

}  // namespace

bool held_out(const Claim& claim) {
  std::vector<Kind> kinds;
  for (const ObjectClaim& object : claim.objects) {
    kinds.insert(kinds.end(), static_cast<size_t>(object.count), object.kind);
  }
  return are_held_out(kinds, background(claim));
}

bool held_out(const Scene& scene) {
  std::vector<Kind> kinds;
  for (const Object& object : scene.objects) kinds.push_back(object.kind);
  return are_held_out(kinds, scene.background);
}

}  // namespace unclip::world::picturebook
