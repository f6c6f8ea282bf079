#pragma once

#include "pipeline/replay.h"
#include "pipeline/stage.h"
#include "unet/unet.h"

namespace unclip {

class Config;

struct SuperResolutionNetwork {
  std::shared_ptr<UNet> unet;
  std::shared_ptr<Replay> replay = std::make_shared<Replay>();
};
/// Two networks share the walk: `last` takes the last step, `first` the others. Each is asked for
/// when its step comes, so that they need not be in memory together.
struct SuperResolutionNetworks {
  std::function<SuperResolutionNetwork()> first, last;
  int64_t side = 0;                   // of the picture
  at::ScalarType dtype = at::kFloat;  // of both
};

/// image_small (B, 3, h, w) in [-1, 1] -> image (B, 3, side, side) float32, about
/// [-1, 1], not clamped. Without guidance: options.guidance is not read.
at::Tensor sample_super_resolution(const SuperResolutionNetworks& networks, const Config& scheduler,
                                   const at::Tensor& image_small, NoiseSource& noise,
                                   const StageOptions& options);

}  // namespace unclip
