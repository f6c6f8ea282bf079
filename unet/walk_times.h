#pragma once

#include <memory>
#include <vector>

#include "unet/unet.h"

namespace unclip {

/// The timesteps of a walk as a U-Net's blocks take them: for many steps at once, since a product
/// of many rows reads the weights once, but not for all, since there may be a thousand.
class WalkTimes {
 public:
  /// Of `rows` pictures, which all go through `timesteps`.
  WalkTimes(std::shared_ptr<UNet> unet, std::vector<double> timesteps, int64_t rows,
            const UNetContext& context, at::Device device);

  /// The timestep at `i` -> (rows, W), as UNet::step takes it.
  at::Tensor at(size_t i);

 private:
  std::shared_ptr<UNet> unet_;
  std::vector<double> timesteps_;
  int64_t rows_;
  UNetContext context_;
  at::Device device_;
  size_t first_ = 0;    // timestep of encoded_
  at::Tensor encoded_;  // (S, rows, W)
};

}  // namespace unclip
