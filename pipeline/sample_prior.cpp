#include "pipeline/sample_prior.h"

#include <ATen/ATen.h>

#include "core/noise_source.h"
#include "scheduler/guidance.h"

namespace unclip {

namespace {

TextCondition conditional_rows(const TextCondition& text) {
  const auto last = [](const at::Tensor& rows) {
    return rows.narrow(0, rows.size(0) / 2, rows.size(0) / 2);
  };
  return {.text_embedding = last(text.text_embedding),
          .text_hidden = last(text.text_hidden),
          .mask = last(text.mask)};
}

}  // namespace

GuidedModel guided_model(const TextCondition& text, const Guidance& guidance,
                         const std::function<Denoiser(const TextCondition& rows)>& bound) {
  GuidedModel model;
  if (guidance.needs_unconditional()) model.both = bound(text);
  if (!guidance.needs_unconditional() || !guidance.is_everywhere()) {
    model.conditional = bound(conditional_rows(text));
  }
  return model;
}

at::Tensor sample_prior(PriorTransformer prior, const Config& scheduler_config,
                        const TextCondition& text, NoiseSource& noise,
                        const StageOptions& options) {
  const auto bound = [&](const TextCondition& rows) -> Denoiser {
    const auto context = prior->encode(rows.text_embedding, rows.text_hidden, rows.mask);
    return [&prior, context](const at::Tensor& x_t, double t) {
      const auto timesteps = at::full({x_t.size(0)}, t, x_t.options());
      return prior(x_t.to(context.scalar_type()), timesteps, context).to(at::kFloat);
    };
  };
  const auto model =
      guided(guided_model(text, options.guidance, bound), options.guidance,
             noise_schedule(SchedulerConfig::from(scheduler_config)), options.on_guidance);
  const auto scheduler = make_scheduler(scheduler_config, options.walk);
  const auto x_T =
      noise.draw(text.text_embedding.sizes().slice(1)).to(text.text_embedding.device());
  return prior->denormalise(denoise(*scheduler, model, x_T, noise, options.on_step));  // (B, D)
}

}  // namespace unclip
