#pragma once

#include "train/training_run.h"

namespace unclip::train {

/// Trains the decoder and its text projection with the trained CLIP: a U-Net that predicts x_0 from
/// x_t, weighted by sqrt(min(SNR, 5)), and the interpolation of its variance, trained by the bound
/// of Nichol & Dhariwal 2021, section 3.1 (https://arxiv.org/abs/2102.09672). One example in ten is
/// trained without text and image embedding, one in ten without only the text, and one in twenty
/// without only the embedding, so that guidance has an unconditional row and an embedding can be
/// decoded without a text.
void train_decoder(const TrainOptions& options);

}  // namespace unclip::train
