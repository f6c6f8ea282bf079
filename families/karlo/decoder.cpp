#include "families/karlo/decoder.h"

#include "families/shared/prior_run.h"
#include "families/shared/unet_run.h"
#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/guidance.h"

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
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const UNetNetwork network{.unet = networks.unet, .replay = networks.replay};
  const auto bound = [&](const TextCondition& rows) {
    const auto context = decoder_context(*networks.text_proj, rows, image_embedding);
    return bind_unet(network, *scheduler, context, networks.unet->config().out_channels);
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
