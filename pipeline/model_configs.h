#pragma once

#include <vector>

#include "clip/clip_config.h"
#include "pipeline/preprocess.h"
#include "prior/prior_config.h"
#include "unet/text_projection.h"
#include "unet/unet_config.h"

namespace unclip {

class ModelDir;

/// What a task runs of a model.
struct Needs {
  bool text = false;           // tokenizer, text_encoder
  bool prior = false;          // prior
  bool decoder = false;        // text_proj, decoder, super_res_first, super_res_last
  bool image_encoder = false;  // image_encoder, feature_extractor
};

/// The names of the parts that have weights.
std::vector<const char*> parts_with_weights(const Needs& needs);

/// The configs of all parts that a task needs; the others' are the defaults.
struct ModelConfigs {
  ClipTextConfig text_encoder;
  ClipVisionConfig image_encoder;
  ImageProcessorConfig feature_extractor;
  PriorConfig prior;
  TextProjectionConfig text_proj;
  UNetConfig decoder, super_res_first, super_res_last;

  /// Throws Error where a part is missing or two do not fit each other; the message names both
  /// files and keys.
  static ModelConfigs from(const ModelDir& model, const Needs& needs);
};

}  // namespace unclip
