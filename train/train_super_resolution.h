#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains super_res_first, or with options.part "super_res_last" the network of the last step,
/// which is used only for the smallest noise. The network predicts x_0 from [x_t, the small image
/// upscaled], on crops of rendered images, which is possible because it is convolutional. A little
/// noise is added to the small images, because those of the decoder are not perfect (Ho et al.
/// 2021, section 4.2, https://arxiv.org/abs/2106.15282).
void train_super_resolution(const TrainOptions& options);

}  // namespace unclip::train
