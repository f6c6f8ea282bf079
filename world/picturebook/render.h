#pragma once

#include "world/picturebook/scene.h"

namespace unclip::world::picturebook {

/// Paints the scene as (3, size, size) planes of red, green and blue in [0, 1] at rgb_chw.
/// Antialiased: a scene is the same image at every size. Throws Error if size is below 1.
void render(const Scene& scene, int size, float* rgb_chw);

/// The part of `render` that lies behind the objects.
void render_background(const Scene& scene, int size, float* rgb_chw);

}  // namespace unclip::world::picturebook
