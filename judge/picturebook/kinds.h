#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unclip::judge::picturebook {

/// A kind of object is a number: first come the lines of names.tsv, then the toy world's six solids
/// in eight colours each.
inline constexpr int kUnknownKind = -1;
inline constexpr int kObjects = 101;
inline constexpr int kSolidShapes = 6;
inline constexpr int kSolidColours = 8;
inline constexpr int kKinds = kObjects + kSolidShapes * kSolidColours;

/// The name of a kind: "cat", "red ball", "unknown".
const std::string& name(int kind);

/// The backgrounds of the world.
enum class Background {
  kUnknown,
  kWhite,
  kSky,
  kMint,
  kNight,
  kGrass,
  kSea,
  kBeach,
  kSnow,
  kDesert,
  kSunset,
  kStars
};
std::string_view name(Background background);

/// The names of one kind, in words.
struct KindNames {
  std::vector<std::string> one, many;
};
/// The names of a kind, from its line in names.tsv or those of the solid; kind is in 0 ... kKinds -
/// 1.
const KindNames& names_of(int kind);

}  // namespace unclip::judge::picturebook
