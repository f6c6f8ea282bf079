#include "families/karlo/prior.h"

#include <algorithm>

#include "kernels/accelerator.h"
#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "scheduler/guidance.h"

namespace unclip::karlo {

namespace {

TextCondition conditional_rows(const TextCondition& text) {
  const auto last = [](const at::Tensor& rows) {
    return rows.narrow(0, rows.size(0) / 2, rows.size(0) / 2);
  };
  return {.text_embedding = last(text.text_embedding),
          .text_hidden = last(text.text_hidden),
          .mask = last(text.mask)};
}

/// Without the tokens at the end that no row reads, but for the last few of sixteen: so that what
/// comes after them falls into the same place of a kernel's vectors whatever else is in the batch,
/// and a picture's sums are added up in the same order.
TextCondition trimmed(const TextCondition& text) {
  const auto read = text.mask.ne(0).any(0).nonzero();
  constexpr int64_t kWhole = 16;
  const auto last = read.numel() == 0 ? 0 : read.max().item<int64_t>();
  const auto length = std::min(text.mask.size(1), (last / kWhole + 1) * kWhole);
  return {.text_embedding = text.text_embedding,
          .text_hidden = text.text_hidden.narrow(1, 0, length),
          .mask = to_device(text.mask.narrow(1, 0, length), text.text_hidden.device())};
}

}  // namespace

GuidedModel guided_model(const TextCondition& text, const Guidance& guidance,
                         const std::function<Denoiser(const TextCondition& rows)>& bound) {
  GuidedModel model;
  if (guidance.needs_unconditional()) model.both = bound(trimmed(text));
  if (!guidance.needs_unconditional() || !guidance.is_everywhere()) {
    model.conditional = bound(trimmed(conditional_rows(text)));
  }
  return model;
}

at::Tensor sample_prior(const PriorNetworks& networks, const TextCondition& text,
                        NoiseSource& noise, const StageRun& run) {
  auto prior = networks.prior;
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const auto network = [prior = networks.prior](const std::vector<at::Tensor>& x_t_and_time,
                                                const PriorContext& context) {
    const auto x_t = x_t_and_time[0].to(context.scalar_type());
    return prior->forward(x_t, x_t_and_time[1], context).to(at::kFloat);
  };
  const auto bound = [&](const TextCondition& rows) -> Denoiser {
    const auto timesteps =
        to_device(ops::tensor(scheduler->timesteps(), at::kFloat), rows.mask.device());  // (S)
    const auto context = prior->encode(rows.text_embedding, rows.text_hidden, rows.mask,
                                       timesteps.expand({rows.mask.size(0), -1}));
    return [&networks, network, context](const at::Tensor& x_t, const At& at) {
      const auto time = context.times[static_cast<int64_t>(at.i)];
      return replayed(*networks.replay, {x_t, time}, context, network);
    };
  };
  const auto model = guided(guided_model(text, run.guidance, bound), run.guidance, run.on_guidance);
  const auto x_T = noise.draw_like(conditional_rows(text).text_embedding);
  return prior->denormalise(denoise(*scheduler, model, x_T, noise, run.on_step));  // (B, D)
}

}  // namespace unclip::karlo
