#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains the decoder and its text projection against the finished CLIP: a U-Net that predicts x_0
/// from x_t, weighted by sqrt(min(SNR, 5)), and the variance's interpolation by the bound of Nichol
/// & Dhariwal 2021, section 3.1 (https://arxiv.org/abs/2102.09672). One example in ten loses text
/// and picture's embedding, one in ten its text alone, one in twenty its embedding alone, so that
/// guidance has its unconditional row and an embedding alone can be decoded.
void train_decoder(const TrainOptions& options);

}  // namespace unclip::train
