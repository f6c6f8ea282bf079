#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains super_res_first, or with options.part "super_res_last" the network of the last step,
/// which sees the smallest noise alone: x_0 from [x_t, the small picture upscaled], on crops of
/// rendered pictures, for the network is convolutional. The small pictures get a little noise, as
/// the decoder's are not perfect (Ho et al. 2021, section 4.2, https://arxiv.org/abs/2106.15282).
void train_super_resolution(const TrainOptions& options);

}  // namespace unclip::train
