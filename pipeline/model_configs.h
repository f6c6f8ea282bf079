#pragma once

#include "clip/clip_config.h"
#include "prior/prior_config.h"
#include "unet/text_projection.h"
#include "unet/unet_config.h"

namespace unclip {

class ModelDir;

/// The configs of all parts that painting needs.
struct ModelConfigs {
  ClipTextConfig text_encoder;
  PriorConfig prior;
  TextProjectionConfig text_proj;
  UNetConfig decoder, super_res_first, super_res_last;

  /// Throws Error where a part is missing or two do not fit each other; the message names both
  /// files and keys.
  static ModelConfigs from(const ModelDir& model);
};

}  // namespace unclip
