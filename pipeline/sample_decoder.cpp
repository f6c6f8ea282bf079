#include "pipeline/sample_decoder.h"

#include <ATen/ATen.h>

#include "core/noise_source.h"
#include "pipeline/sample_prior.h"
#include "scheduler/guidance.h"

namespace unclip {
namespace {

/// The conditional rows have the image embedding, the unconditional ones the learned stand-in.
UNetContext decoder_context(TextProjection text_proj, const TextCondition& rows,
                            const at::Tensor& image_embedding) {
  const auto z = image_embedding.to(rows.text_embedding.scalar_type());  // (B, D)
  const auto conditional = at::zeros({z.size(0)}, z.options());
  if (rows.text_embedding.size(0) == z.size(0)) {
    return text_proj(z, conditional, rows.text_embedding, rows.text_hidden, rows.mask);
  }
  return text_proj(at::cat({z, z}), at::cat({at::ones_like(conditional), conditional}),
                   rows.text_embedding, rows.text_hidden, rows.mask);
}

}  // namespace

at::Tensor sample_decoder(UNet decoder, TextProjection text_proj, const Config& scheduler_config,
                          const TextCondition& text, const at::Tensor& image_embedding,
                          NoiseSource& noise, const StageOptions& options) {
  const auto rows = guidance_rows(text, options.guidance_scale);
  const auto context = decoder_context(text_proj, rows, image_embedding);

  const Denoiser model = [&](const at::Tensor& x_t, int64_t t) {
    const auto timesteps = at::full({x_t.size(0)}, t, x_t.options());
    return decoder(x_t.to(context.tokens.scalar_type()), timesteps, context).to(at::kFloat);
  };
  const auto scheduler = make_scheduler(scheduler_config, options.steps);
  const auto side = decoder->config().sample_size;
  const auto x_T = noise.draw({decoder->config().in_channels, side, side});
  return denoise(*scheduler, guided(model, options.guidance_scale), x_T.to(context.tokens.device()),
                 noise, options.on_step)
      .clamp(-1, 1);  // (B, 3, H, W)
}

}  // namespace unclip
