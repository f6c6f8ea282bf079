#include "families/karlo/decoder.h"

#include "families/karlo/prior.h"
#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/guidance.h"
#include "unet/walk_times.h"

namespace unclip::karlo {
namespace {

/// The conditional rows have the image embedding, the unconditional ones the learned stand-in.
UNetContext decoder_context(const TextProjection& text_proj, const TextCondition& rows,
                            const at::Tensor& image_embedding) {
  const auto z = image_embedding.to(rows.text_embedding.scalar_type());  // (B, D)
  const auto conditional = ops::zeros({z.size(0)}, z.options());
  if (rows.text_embedding.size(0) == z.size(0)) {
    return text_proj.forward(z, conditional, rows.text_embedding, rows.text_hidden, rows.mask);
  }
  return text_proj.forward(ops::cat({z, z}), ops::cat({ops::ones_like(conditional), conditional}),
                           rows.text_embedding, rows.text_hidden, rows.mask);
}

/// The decoder's sampling loop, in either direction. x (B, C, h, w) -> (B, C, h, w)
at::Tensor run_decoder(const DecoderNetworks& networks, const TextCondition& text,
                       const at::Tensor& image_embedding, const at::Tensor& x, NoiseSource& noise,
                       const StageRun& run) {
  auto unet = networks.unet;
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const auto network = [unet = networks.unet](const std::vector<at::Tensor>& x_t_and_time,
                                              const UNetContext& context) {
    const auto& x_t = x_t_and_time[0];
    const auto type = context.tokens.scalar_type();
    return unet->step(x_t.to(type), x_t_and_time[1], context).to(at::kFloat);
  };
  const auto bound = [&](const TextCondition& rows) -> Denoiser {
    const auto context = unet->prepare(decoder_context(*networks.text_proj, rows, image_embedding));
    const auto times = std::make_shared<WalkTimes>(unet, scheduler->timesteps(),
                                                   context.tokens.size(0), context, x.device());
    return [&networks, network, context, times](const at::Tensor& x_t, const At& at) {
      return replayed(*networks.replay, {x_t, times->at(at.i)}, context, network);
    };
  };
  const auto model = guided(guided_model(text, run.guidance, bound), run.guidance, run.on_guidance);
  return denoise(*scheduler, model, x, noise, run.on_step);
}

}  // namespace

at::Tensor sample_decoder(const DecoderNetworks& networks, const TextCondition& text,
                          const at::Tensor& image_embedding, const at::Tensor& x_T,
                          NoiseSource& noise, const StageRun& run) {
  return run_decoder(networks, text, image_embedding, x_T, noise, run).clamp(-1, 1);
}

at::Tensor invert_decoder(const DecoderNetworks& networks, const TextCondition& text,
                          const at::Tensor& image_embedding, const at::Tensor& small,
                          const StageRun& run) {
  NoiseSource none({});
  return run_decoder(networks, text, image_embedding, small, none, run);
}

}  // namespace unclip::karlo
