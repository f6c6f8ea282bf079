#include "pipeline/sample_super_resolution.h"

#include <optional>

#include "image/resize.h"
#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "pipeline/walk_times.h"

namespace unclip {

namespace {

/// A network with what its walk is to it; given back when the other one takes its place.
struct Taken {
  SuperResolutionNetwork network;
  WalkTimes times;
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
                                   const Config& scheduler_config, const at::Tensor& image_small,
                                   NoiseSource& noise, const StageOptions& options) {
  const auto upscaled = resize_bicubic(image_small, networks.side, networks.side);  // (B, 3, H, W)
  const auto scheduler = make_scheduler(scheduler_config, options.walk);
  const auto& timesteps = scheduler->timesteps();

  std::optional<Taken> taken;
  const auto take = [&](const std::function<SuperResolutionNetwork()>& network,
                        std::vector<double> own_timesteps) {
    taken.reset();
    const auto next = network();
    taken = Taken{.network = next,
                  .times = WalkTimes(next.unet, std::move(own_timesteps), upscaled.size(0),
                                     UNetContext{}, upscaled.device())};
  };
  const Denoiser model = [&](const at::Tensor& x_t, double t) {
    if (t == timesteps.back()) {
      take(networks.last, {t});
    } else if (!taken) {
      take(networks.first, timesteps);
    }
    const auto network = [unet = taken->network.unet, type = networks.dtype](
                             const std::vector<at::Tensor>& inputs, const UNetContext&) {
      return predicted(*unet, inputs, type);
    };
    return replayed(*taken->network.replay, {x_t, upscaled, taken->times.at(t)}, UNetContext{},
                    network);
  };
  const auto x_T = noise.draw_like(upscaled);
  return denoise(*scheduler, model, x_T, noise, options.on_step);
}

}  // namespace unclip
