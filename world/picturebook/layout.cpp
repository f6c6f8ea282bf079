// Places the objects of a scene.

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "world/picturebook/scene.h"
#include "world/picturebook/sprite.h"

namespace unclip::world::picturebook {
namespace {

constexpr double kSmall = 0.14, kBig = 0.21, kAlone = 1.5;  // radii, as in the toy world
constexpr double kSeveral = 0.13;                           // for three and four objects
constexpr double kLargestAngle = 6 * 3.14159265358979 / 180;

double jitter(Random& random, double most) { return uniform(random, -most, most); }

Object random_object(const ObjectClaim& claim, double scale, Random& random) {
  const Size drawn = chance(random, 0.5) ? Size::kSmall : Size::kBig;
  const Size size = claim.size.value_or(drawn);
  const double r = (size == Size::kSmall ? kSmall : kBig) + jitter(random, 0.0075);
  const double angle = claim.kind.is_solid() ? 0 : jitter(random, kLargestAngle);
  return {claim.kind, size, scale * r, 0.5, 0.5, angle};
}

// A random height of the ground under the objects.
double random_foot(const Scene& scene, double lowest_radius, Random& random) {
  if (!has_horizon(scene.background)) return 0.5 + 0.9 * lowest_radius + jitter(random, 0.02);
  return std::max(scene.horizon + 0.08, 0.5 + 0.9 * lowest_radius) + jitter(random, 0.02);
}

// Places the object on the ground at the height `foot`, or in the air if it flies.
void stand(Object& object, double foot, Random& random) {
  object.y = foot - object.r * half_height(object.kind);
  if (object.kind.flies()) object.y = std::min(object.y, 0.45) + jitter(random, 0.04);
}

Place random_place(Relation relation, Random& random) {
  constexpr Place kAll[] = {kAtLeft, kAtRight, kAtTop, kAtBottom};
  const unsigned allowed = places(relation);
  for (;;) {
    const Place drawn = kAll[below(random, 4)];
    if (allowed & drawn) return drawn;
  }
}

void place_alone(const ObjectClaim& claim, Scene& scene, Random& random) {
  Object object = random_object(claim, kAlone, random);
  object.x += jitter(random, 0.04);
  if (has_horizon(scene.background)) {
    stand(object, random_foot(scene, object.r, random), random);
  } else {
    object.y += jitter(random, 0.04);
  }
  scene.objects = {object};
}

void place_pair(Object first, Object second, Place place, Scene& scene, Random& random) {
  if (place == kAtRight || place == kAtBottom) std::swap(first, second);
  for (Object* object : {&first, &second}) {
    object->x += jitter(random, 0.03);
    object->y += jitter(random, 0.03);
  }
  if (place == kAtLeft || place == kAtRight) {
    first.x -= 0.25;
    second.x += 0.25;
    const double foot = random_foot(scene, std::max(first.r, second.r), random);
    stand(first, foot, random);
    stand(second, foot, random);
  } else {
    first.y -= 0.25;
    second.y += 0.25;
  }
  scene.objects = {first, second};
  if (place == kAtRight || place == kAtBottom) std::swap(scene.objects[0], scene.objects[1]);
}

void place_two_of_a_kind(const ObjectClaim& claim, Scene& scene, Random& random) {
  const Object first = random_object(claim, 1, random);
  Object second = random_object({claim.kind, 1, first.size}, 1, random);
  // Most pairs are next to each other.
  const Place place =
      random_place(chance(random, 0.8) ? Relation::kNextTo : Relation::kAnd, random);
  place_pair(first, second, place, scene, random);
}

struct Point {
  double x, y;
};

void place_several(const ObjectClaim& claim, Scene& scene, Random& random) {
  const std::vector<Point> row = {{0.2, 0.5}, {0.5, 0.5}, {0.8, 0.5}};
  const std::vector<Point> pyramid = {{0.5, 0.28}, {0.27, 0.72}, {0.73, 0.72}};
  const std::vector<Point> funnel = {{0.27, 0.28}, {0.73, 0.28}, {0.5, 0.72}};
  const std::vector<Point> square = {{0.27, 0.28}, {0.73, 0.28}, {0.27, 0.72}, {0.73, 0.72}};
  const double style = uniform(random, 0, 1);
  const bool in_row = claim.count == 3 && style < 0.5;
  const auto& points = in_row ? row : claim.count == 4 ? square : style < 0.75 ? pyramid : funnel;
  const double foot = random_foot(scene, kSeveral, random);
  for (const Point& point : points) {
    Object object = random_object({claim.kind, 1, Size::kSmall}, 1, random);
    object.r = kSeveral + jitter(random, 0.006);
    object.x = point.x + jitter(random, 0.015);
    object.y = point.y + jitter(random, 0.02);
    if (in_row) stand(object, foot, random);
    scene.objects.push_back(object);
  }
}

}  // namespace

Scene random_scene(const Claim& claim, Random& random) {
  const int count = count_objects(claim);
  const size_t groups = claim.objects.size();
  if (count < 1 || count > kMostObjects || groups > 2 || (groups == 2 && count != 2)) {
    fail("expected one object, two, or up to ", kMostObjects, " of a kind, found ", count, " of ",
         groups, " kinds");
  }
  Scene scene{.objects = {}, .background = background(claim)};
  scene.horizon = 0.61 + jitter(random, 0.03);
  scene.star_seed = random();
  const ObjectClaim& first = claim.objects.front();
  if (groups == 2) {
    const Object one = random_object(first, 1, random);
    const Object other = random_object(claim.objects[1], 1, random);
    place_pair(one, other, random_place(claim.relation, random), scene, random);
  } else if (count == 1) {
    place_alone(first, scene, random);
  } else if (count == 2) {
    place_two_of_a_kind(first, scene, random);
  } else {
    place_several(first, scene, random);
  }
  return scene;
}

}  // namespace unclip::world::picturebook
