#include "families/karlo/super_resolution.h"

#include <optional>

#include "image/resize.h"
#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "unet/walk_times.h"

namespace unclip::karlo {

namespace {

/// A network and its encoded timesteps, until the other network takes its place.
struct Taken {
  SuperResolutionNetwork network;
  WalkTimes times;
  size_t first;  // of the run's timesteps, the first of `times`
};

/// x_t and the upscaled picture, each (B, 3, H, W), time (B, W') -> (B, 3, H, W) float32
at::Tensor predicted(const UNet& unet, const std::vector<at::Tensor>& x_upscaled_time,
                     at::ScalarType type) {
  const auto x = ops::cat({x_upscaled_time[0], x_upscaled_time[1]}, 1).to(type);  // (B, 6, H, W)
  const auto& time = x_upscaled_time[2];
  // On a processor one picture after another: the layers of one fill its caches, and a batch's
  // memory is that of one.
  const auto rows = x.is_cpu() ? 1 : x.size(0);
  std::vector<at::Tensor> predictions;
  for (int64_t i = 0; i < x.size(0); i += rows) {
    predictions.push_back(unet.step(x.narrow(0, i, rows), time.narrow(0, i, rows), UNetContext{}));
  }
  return ops::cat(predictions).to(at::kFloat);
}

}  // namespace

at::Tensor sample_super_resolution(const SuperResolutionNetworks& networks,
                                   const at::Tensor& image_small, NoiseSource& noise,
                                   const StageRun& run) {
  const auto upscaled = resize_bicubic(image_small, networks.side, networks.side);  // (B, 3, H, W)
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const auto& timesteps = scheduler->timesteps();

  std::optional<Taken> taken;
  const auto take = [&](const std::function<SuperResolutionNetwork()>& network, size_t first) {
    taken.reset();
    const auto next = network();
    std::vector<double> own(timesteps.begin() + static_cast<std::ptrdiff_t>(first),
                            timesteps.end());
    taken = Taken{.network = next,
                  .times = WalkTimes(next.unet, std::move(own), upscaled.size(0), UNetContext{},
                                     upscaled.device()),
                  .first = first};
  };
  const Denoiser model = [&](const at::Tensor& x_t, const At& at) {
    if (at.last) {
      take(networks.last, at.i);
    } else if (!taken) {
      take(networks.first, 0);
    }
    const auto network = [unet = taken->network.unet, type = networks.dtype](
                             const std::vector<at::Tensor>& inputs, const UNetContext&) {
      return predicted(*unet, inputs, type);
    };
    return replayed(*taken->network.replay, {x_t, upscaled, taken->times.at(at.i - taken->first)},
                    UNetContext{}, network);
  };
  const auto x_T = noise.draw_like(upscaled);
  return denoise(*scheduler, model, x_T, noise, run.on_step);
}

}  // namespace unclip::karlo
