#include "pipeline/sample_super_resolution.h"

#include <ATen/ATen.h>

#include "core/noise_source.h"
#include "image/resize.h"

namespace unclip {

at::Tensor sample_super_resolution(const SuperResolutionNetworks& networks,
                                   const Config& scheduler_config, const at::Tensor& image_small,
                                   NoiseSource& noise, const StageOptions& options) {
  const auto upscaled = resize_bicubic(image_small, networks.side, networks.side);  // (B, 3, H, W)
  const auto scheduler = make_scheduler(scheduler_config, options.walk);

  const Denoiser model = [&](const at::Tensor& x_t, double t) {
    auto network = t == scheduler->timesteps().back() ? networks.last() : networks.first();
    const auto timesteps = at::full({x_t.size(0)}, t, x_t.options());
    const auto input = at::cat({x_t, upscaled}, 1).to(networks.dtype);  // (B, 6, H, W)
    // On a processor one picture after another: the layers of one fill its caches, and a batch's
    // memory is that of one.
    const auto rows = input.is_cpu() ? 1 : input.size(0);
    std::vector<at::Tensor> predictions;
    for (const auto& part : input.split(rows)) {
      predictions.push_back(network(part, timesteps.narrow(0, 0, part.size(0)), UNetContext{}));
    }
    return at::cat(predictions).to(at::kFloat);
  };
  const auto x_T = noise.draw_like(upscaled);
  return denoise(*scheduler, model, x_T, noise, options.on_step);
}

}  // namespace unclip
