#pragma once

#include "image/picture_file.h"

namespace unclip::fuzz {

/// Small, so that a run tries many files rather than large ones.
constexpr PictureLimits kLimits = {.side = 2048, .pixels = 1 << 18};

}  // namespace unclip::fuzz
