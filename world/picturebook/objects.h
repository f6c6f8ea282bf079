#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "world/scene.h"

namespace unclip::world::picturebook {

/// A name in singular and plural; one of them may be empty if only the other is used.
struct Naming {
  std::string one, many;
};

/// A line of objects.tsv.
struct ObjectKind {
  std::vector<Naming> names;  ///< the plain one first, which has both
  bool flies = false;         ///< may be in the air, and has no shadow
  bool mass = false;          ///< its first name has no article: "grapes"
  bool definite = false;      ///< the article of its first name is "the"
};

inline constexpr int kObjects = 101;
inline constexpr int kSolids = kShapes * kColours;
inline constexpr int kKinds = kObjects + kSolids;

/// All kinds, in the order of the file and of the atlas. Throws Error if the file does not have
/// kObjects lines.
const std::vector<ObjectKind>& object_kinds();

/// Reads a table in the format of objects.tsv. Throws Error that names the line, what was expected
/// and what was found.
std::vector<ObjectKind> parse_object_kinds(std::string_view tsv);

/// The kind of a scene's object: an object of the table, or a solid of the toy world in a colour.
class Kind {
 public:
  /// 0 ... kKinds - 1: the objects in the table's order, then the solids.
  explicit constexpr Kind(int index) : index_(index) {}
  constexpr Kind(Shape shape, Colour colour)
      : index_(kObjects + kColours * static_cast<int>(shape) + static_cast<int>(colour)) {}
  /// The object with this plain name. Throws Error if there is none.
  static Kind object(std::string_view name);

  constexpr int index() const { return index_; }
  constexpr bool is_solid() const { return index_ >= kObjects; }
  /// Shape and colour of a solid.
  constexpr Shape shape() const { return static_cast<Shape>((index_ - kObjects) / kColours); }
  constexpr Colour colour() const { return static_cast<Colour>((index_ - kObjects) % kColours); }
  bool flies() const;

  friend constexpr bool operator==(Kind, Kind) = default;

 private:
  int index_;
};

}  // namespace unclip::world::picturebook
