#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains the diffusion prior against the finished CLIP: a picture's normalised embedding from its
/// caption, by mean squared error of x_0 (Ramesh et al. 2022, section 2.2,
/// https://arxiv.org/abs/2204.06125). One example in ten has the empty caption. The embeddings'
/// mean and deviation are measured first, unless they come from the model.
void train_prior(const TrainOptions& options);

}  // namespace unclip::train
