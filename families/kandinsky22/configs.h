#pragma once

#include "clip/clip_config.h"
#include "pipeline/model.h"
#include "pipeline/preprocess.h"
#include "prior/prior_config.h"
#include "unet/unet_config.h"
#include "vae/vae_config.h"

namespace unclip::kandinsky22 {

/// The needs with texts, which the prior reads.
Needs with_texts(Needs needs);
/// The names of the parts that have weights.
std::vector<std::string> parts_with_weights(const Needs& needs);

/// Whether the image encoder must be there, or is and may be used.
bool encodes_images(const ModelDir& model, const Needs& needs);

/// The configs of all parts that a task needs; the others are the defaults.
struct Configs {
  ClipTextConfig text_encoder;
  ClipVisionConfig image_encoder;
  ImageProcessorConfig feature_extractor;
  PriorConfig prior;
  UNetConfig unet;
  VaeConfig movq;

  /// Throws Error if a part is missing or two do not fit each other; the message names both files
  /// and keys.
  static Configs from(const ModelDir& model, const Needs& needs);
};

/// Of a model with a decoder.
ImageSizes sizes_of(const Configs& configs);

}  // namespace unclip::kandinsky22
