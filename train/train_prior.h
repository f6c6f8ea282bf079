#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains the diffusion prior with the trained CLIP: it predicts an image's normalised embedding
/// from its caption, by the mean squared error of x_0 (Ramesh et al. 2022, section 2.2,
/// https://arxiv.org/abs/2204.06125). One example in ten has an empty caption. The mean and
/// standard deviation of the embeddings are measured first, unless they are read from the model.
void train_prior(const TrainOptions& options);

}  // namespace unclip::train
