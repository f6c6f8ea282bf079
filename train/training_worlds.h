#pragma once

#include "train/training_world.h"

namespace unclip::train {

/// One function for each world; training_world() finds a world by its name.
const TrainingWorld& toybox_world();
const TrainingWorld& picturebook_world();

}  // namespace unclip::train
