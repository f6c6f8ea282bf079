#include "families/kandinsky22/decoder.h"

#include "kernels/tensor.h"
#include "scheduler/guidance.h"

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
  GuidedModel model;
  const auto& guidance = run.guidance;
  if (guidance.needs_unconditional()) {
    model.both = bound(ops::cat({condition.negative, condition.z}));
  }
  if (!guidance.needs_unconditional() || !guidance.is_everywhere()) {
    model.conditional = bound(condition.z);
  }
  const auto guided_model = guided(std::move(model), guidance, run.on_guidance);
  return denoise(*scheduler, guided_model, x_T, noise, run.on_step);
}

}  // namespace unclip::kandinsky22
