#pragma once

#include "pipeline/replay.h"
#include "pipeline/run.h"
#include "unet/unet.h"

namespace unclip::karlo {

struct SuperResolutionNetwork {
  std::shared_ptr<UNet> unet;
  std::shared_ptr<Replay> replay = std::make_shared<Replay>();
};
/// Two networks share the sampling run: `last` takes the last step, `first` the others. Each is
/// asked for when its step comes, so that they need not be in memory together.
struct SuperResolutionNetworks {
  std::function<SuperResolutionNetwork()> first, last;
  int64_t side = 0;                   // of the image
  at::ScalarType dtype = at::kFloat;  // of both
};

/// image_small (B, 3, h, w) in [-1, 1] -> image (B, 3, side, side) float32, about
/// [-1, 1], not clamped. It is not guided: run.guidance is not read.
at::Tensor sample_super_resolution(const SuperResolutionNetworks& networks,
                                   const at::Tensor& image_small, NoiseSource& noise,
                                   const StageRun& run);

}  // namespace unclip::karlo
