#include "unet/walk_times.h"

#include <algorithm>

#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip {

namespace {
constexpr size_t kAtOnce = 32;
}  // namespace

WalkTimes::WalkTimes(std::shared_ptr<UNet> unet, std::vector<double> timesteps, int64_t rows,
                     const UNetContext& context, at::Device device)
    : unet_(std::move(unet)),
      timesteps_(std::move(timesteps)),
      rows_(rows),
      context_(context),
      device_(device) {}

at::Tensor WalkTimes::at(size_t i) {
  TORCH_CHECK(i < timesteps_.size(), "expected one of ", timesteps_.size(), " timesteps, got ", i);
  if (!encoded_.defined() || i / kAtOnce != first_ / kAtOnce) {
    first_ = i / kAtOnce * kAtOnce;
    const auto count = std::min(kAtOnce, timesteps_.size() - first_);
    const auto some =
        ops::tensor(at::ArrayRef<double>(timesteps_).slice(first_, count), at::kFloat);  // (S)
    encoded_ = unet_->encode_times(to_device(some, device_).expand({rows_, -1}), context_);
  }
  return encoded_[static_cast<int64_t>(i - first_)];
}

}  // namespace unclip
