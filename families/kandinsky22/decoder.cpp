#include "families/kandinsky22/decoder.h"

#include "families/shared/bind_guided.h"
#include "kernels/tensor.h"

namespace unclip::kandinsky22 {

at::Tensor sample_latent(const UNetNetwork& network, const DecoderCondition& condition,
                         const at::Tensor& x_T, NoiseSource& noise, const StageRun& run) {
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const auto& unet = *network.unet;
  // A variance that the network predicts is left out if the schedule's is fixed.
  const auto channels =
      is_learned(run.scheduler.config.variance_type) ? unet.config().out_channels : x_T.size(1);
  const auto bound = [&](const at::Tensor& z) {
    return bind_unet(network, *scheduler, unet.condition(z), channels);
  };
  const auto model = bind_guided(
      run.guidance,
      [&] {
        return bound(ops::cat({condition.negative, condition.z}));
      },
      [&] { return bound(condition.z); });
  const auto guided_model = guided(model, run.guidance, run.on_guidance);
  return denoise(*scheduler, guided_model, x_T, noise, run.on_step);
}

}  // namespace unclip::kandinsky22
