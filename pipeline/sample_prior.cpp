#include "pipeline/sample_prior.h"

#include <ATen/ATen.h>

#include "core/noise_source.h"
#include "scheduler/guidance.h"

namespace unclip {

TextCondition guidance_rows(const TextCondition& text, double guidance_scale) {
  if (needs_unconditional(guidance_scale)) return text;
  const auto conditional = [](const at::Tensor& rows) {
    return rows.narrow(0, rows.size(0) / 2, rows.size(0) / 2);
  };
  return {.text_embedding = conditional(text.text_embedding),
          .text_hidden = conditional(text.text_hidden),
          .mask = conditional(text.mask)};
}

at::Tensor sample_prior(PriorTransformer prior, const Config& scheduler_config,
                        const TextCondition& text, NoiseSource& noise,
                        const StageOptions& options) {
  const auto rows = guidance_rows(text, options.guidance_scale);
  const auto context = prior->encode(rows.text_embedding, rows.text_hidden, rows.mask);

  const Denoiser model = [&](const at::Tensor& x_t, double t) {
    const auto timesteps = at::full({x_t.size(0)}, t, x_t.options());
    return prior(x_t.to(context.text.scalar_type()), timesteps, context).to(at::kFloat);
  };
  const auto scheduler = make_scheduler(scheduler_config, options.walk);
  const auto x_T = noise.draw(text.text_embedding.sizes().slice(1)).to(context.text.device());
  const auto x_0 = denoise(*scheduler, guided(model, options.guidance_scale), x_T, noise,
                           options.on_step);  // (B, D)
  return prior->denormalise(x_0);
}

}  // namespace unclip
