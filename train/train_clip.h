#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains both towers of CLIP against each other: every picture is to find its caption among the
/// batch's and every caption its picture (Radford et al. 2021, figure 3,
/// https://arxiv.org/abs/2103.00020). Pictures come in groups of four that differ in one thing
/// (colours swapped, the relation turned, ...), so that each is a hard negative of the others; a
/// caption that is also true of another picture is no negative of it.
void train_clip(const TrainOptions& options);

}  // namespace unclip::train
