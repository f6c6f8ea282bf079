#pragma once

#include <memory>

#include "pipeline/replay.h"
#include "scheduler/denoise.h"
#include "unet/unet.h"

namespace unclip {

/// A U-Net and its recordings.
struct UNetNetwork {
  std::shared_ptr<UNet> unet;
  std::shared_ptr<Replay> replay = std::make_shared<Replay>();
};

/// The U-Net with its condition bound, at the scheduler's timesteps: x_t (B, C, h, w) -> (B, C', h,
/// w) float32, the first `channels` of its outputs. `context` has B rows, on the device of x_t.
Denoiser bind_unet(const UNetNetwork& network, const Scheduler& scheduler,
                   const UNetContext& context, int64_t channels);

}  // namespace unclip
