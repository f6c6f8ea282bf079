#pragma once

#include <memory>
#include <vector>

#include "unet/unet.h"

namespace unclip {

/// The modulations of a U-Net's blocks for the timesteps of a sampling run. They are computed for
/// many steps at once, because a product of many rows reads the weights once, but not for all,
/// because there may be a thousand.
class WalkTimes {
 public:
  /// For `rows` images, all sampled with `timesteps`.
  WalkTimes(std::shared_ptr<UNet> unet, std::vector<double> timesteps, int64_t rows,
            const UNetContext& context, at::Device device);

  /// The modulations of timestep `i`, (rows, W), for UNet::step.
  at::Tensor at(size_t i);

 private:
  std::shared_ptr<UNet> unet_;
  std::vector<double> timesteps_;
  int64_t rows_;
  UNetContext context_;
  at::Device device_;
  size_t first_ = 0;    // index of the first timestep in encoded_
  at::Tensor encoded_;  // (S, rows, W)
};

}  // namespace unclip
