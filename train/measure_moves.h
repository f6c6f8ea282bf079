#pragma once

#include "train/embedding_trial.h"

namespace unclip::train {

// Questions about pictures whose embedding was moved, or their noise found, as the verbs do.

/// `vary --strength 1`: are shape, colour and place kept?
Figure relatives(EmbeddingTrial& trial);

/// `mix A B` of pictures of one object each, which have another shape and another colour: has
/// everything in it a shape of A or of B, and a colour of A or of B?
Figure middles_of_objects(EmbeddingTrial& trial);
/// The same of any pictures of two objects each.
Figure middles_of_pairs(EmbeddingTrial& trial);

/// `diff` from "a red ball" to "a blue ball" of pictures of a red ball: is it blue, and are shape,
/// place and background kept?
Figure red_to_blue(EmbeddingTrial& trial);
/// The same from any one object to another colour.
Figure recoloured(EmbeddingTrial& trial);

/// `invert`, then `decode --start`: the PSNR between each picture and what comes back.
Quantity inverted(EmbeddingTrial& trial);

}  // namespace unclip::train
