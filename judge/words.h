#pragma once

#include <string_view>

namespace unclip::judge {

/// The vocabulary of the toy world. kUnknown means that an image clearly shows none of the values.
enum class Shape { kUnknown, kBall, kCube, kCylinder, kCone, kRing, kStar };
enum class Colour { kUnknown, kRed, kOrange, kYellow, kGreen, kBlue, kPurple, kPink, kBrown };
enum class Size { kUnknown, kSmall, kBig };
enum class Background { kUnknown, kWhite, kSky, kMint, kNight };

/// The place of the first object of a request relative to the second.
enum class Relation { kAnyPlace, kLeftOf, kRightOf, kAbove, kBelow, kNextTo };

std::string_view name(Shape shape);
std::string_view name(Colour colour);
std::string_view name(Size size);
std::string_view name(Background background);
std::string_view name(Relation relation);

}  // namespace unclip::judge
