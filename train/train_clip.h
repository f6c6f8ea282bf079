#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains both encoders of CLIP with the contrastive loss: every image has to find its caption
/// among the batch's captions, and every caption its image (Radford et al. 2021, figure 3,
/// https://arxiv.org/abs/2103.00020). Images come in groups of four that differ in one thing
/// (colours swapped, the relation reversed, ...), so that each is a hard negative of the others. A
/// caption that is also true for another image is not a negative of that image.
void train_clip(const TrainOptions& options);

}  // namespace unclip::train
