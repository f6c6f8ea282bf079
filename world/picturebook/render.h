#pragma once

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// Draws the scene as (3, size, size) planes of red, green and blue in [0, 1] at rgb_chw,
/// antialiased, so that a scene looks the same at every size. Throws Error if size is below 1.
void render(const Scene& scene, int size, float* rgb_chw);

/// Draws only the background of the scene.
void render_background(const Scene& scene, int size, float* rgb_chw);

}  // namespace unclip::world::picturebook
