#pragma once

#include <array>

#include "world/scene.h"

namespace unclip::world {

/// Red, green and blue in [0, 1].
using Rgb = std::array<float, 3>;

Rgb rgb(Colour colour);
Rgb rgb(Background background);

/// Draws the scene as (3, size, size) planes of red, green and blue in [0, 1] at rgb_chw. Edges are
/// antialiased by their distance from the pixel's centre, so a scene looks the same at every size.
void render(const Scene& scene, int size, float* rgb_chw);

/// Draw the two layers of an object, its shadow and the object, over the planes (3, size, size) at
/// rgb_chw.
void cast_shadow(const Object& object, int size, float* rgb_chw);
void paint_object(const Object& object, int size, float* rgb_chw);

}  // namespace unclip::world
