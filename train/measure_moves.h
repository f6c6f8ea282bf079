#pragma once

#include "train/embedding_trial.h"

namespace unclip::train {

// Measurements of images whose embedding was changed or whose noise was found, as the commands
// named below do.

/// `vary --strength 1`: how often shape, colour and place are kept.
Figure relatives(EmbeddingTrial& trial);

/// `mix A B` of images of one object each, with different shapes and colours: how often everything
/// in the result has a shape of A or of B, and a colour of A or of B.
Figure middles_of_objects(EmbeddingTrial& trial);
/// The same for any images of two objects each.
Figure middles_of_pairs(EmbeddingTrial& trial);

/// `diff` from "a red ball" to "a blue ball" of images of a red ball: how often it becomes blue,
/// and shape, place and background are kept.
Figure red_to_blue(EmbeddingTrial& trial);
/// The same for any single object and another colour.
Figure recoloured(EmbeddingTrial& trial);

/// `invert`, then `decode --start`: the PSNR between each image and its reconstruction.
Quantity inverted(EmbeddingTrial& trial);

}  // namespace unclip::train
