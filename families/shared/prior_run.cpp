#include "families/shared/prior_run.h"

#include <algorithm>

#include "families/shared/bind_guided.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"
#include "nn/attention.h"
#include "nn/noise_source.h"
#include "scheduler/guidance.h"

namespace unclip {

namespace {

/// One half of the rows: the unconditional ones come first.
TextCondition half_of(const TextCondition& text, int64_t half) {
  const auto count = text.mask.size(0) / 2;
  const auto rows = [&](const at::Tensor& all) { return all.narrow(0, half * count, count); };
  return {.text_embedding = rows(text.text_embedding),
          .text_hidden = rows(text.text_hidden),
          .mask = rows(text.mask)};
}
TextCondition unconditional_rows(const TextCondition& text) { return half_of(text, 0); }
TextCondition conditional_rows(const TextCondition& text) { return half_of(text, 1); }

TextCondition rows_of_texts(const std::vector<TextCondition>& parts) {
  std::vector<at::Tensor> embeddings, hidden, masks;
  for (const auto& part : parts) {
    embeddings.push_back(part.text_embedding);
    hidden.push_back(part.text_hidden);
    masks.push_back(part.mask);
  }
  return {.text_embedding = ops::cat(embeddings),
          .text_hidden = ops::cat(hidden),
          .mask = ops::cat(masks)};
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

/// The prior with rows of text bound to it.
Denoiser bind_prior(const PriorNetworks& networks, const Scheduler& scheduler,
                    const TextCondition& rows) {
  const auto network = [prior = networks.prior](const std::vector<at::Tensor>& x_t_and_time,
                                                const PriorContext& context) {
    const auto x_t = x_t_and_time[0].to(context.scalar_type());
    return prior->forward(x_t, x_t_and_time[1], context).to(at::kFloat);
  };
  const auto timesteps =
      to_device(ops::tensor(scheduler.timesteps(), at::kFloat), rows.mask.device());  // (S)
  const auto context = networks.prior->encode(rows.text_embedding, rows.text_hidden, rows.mask,
                                              timesteps.expand({rows.mask.size(0), -1}));
  return [replay = networks.replay, network, context](const at::Tensor& x_t, const At& at) {
    const auto time = context.times[static_cast<int64_t>(at.i)];
    return replayed(*replay, {x_t, time}, context, network);
  };
}

using BindTexts = std::function<Denoiser(const std::vector<TextCondition>& parts)>;

/// The prior for x_t (B, 2, D): the embeddings of the texts, which are guided, and those of the
/// unconditional texts, whose u and c are one.
GuidedModel model_of_both(const TextCondition& text, const Guidance& guidance,
                          const BindTexts& bound) {
  const auto negative = unconditional_rows(text), prompt = conditional_rows(text);
  const auto both = [&]() -> Denoiser {
    return [network = bound({negative, prompt, negative})](const at::Tensor& twice, const At& at) {
      const auto x_t = halves(twice, 0).first;  // (B, 2, D)
      const auto x_prompt = x_t.select(1, 0), x_negative = x_t.select(1, 1);
      const auto rows = network(ops::cat({x_prompt, x_prompt, x_negative}), at).chunk(3);
      const auto u = ops::stack({rows[0], rows[2]}, 1);  // (B, 2, D)
      const auto c = ops::stack({rows[1], rows[2]}, 1);
      return ops::cat({u, c});
    };
  };
  const auto conditional = [&]() -> Denoiser {
    return [network = bound({prompt, negative})](const at::Tensor& x_t, const At& at) {
      const auto rows = network(ops::cat({x_t.select(1, 0), x_t.select(1, 1)}), at).chunk(2);
      return ops::stack({rows[0], rows[1]}, 1);  // (B, 2, D)
    };
  };
  return bind_guided(guidance, both, conditional);
}

}  // namespace

GuidedModel guided_model(const TextCondition& text, const Guidance& guidance,
                         const std::function<Denoiser(const TextCondition& rows)>& bound) {
  return bind_guided(
      guidance, [&] { return bound(trimmed(text)); },
      [&] { return bound(trimmed(conditional_rows(text))); });
}

at::Tensor sample_prior(const PriorNetworks& networks, const TextCondition& text,
                        NoiseSource& noise, const StageRun& run) {
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const auto bound = [&](const TextCondition& rows) {
    return bind_prior(networks, *scheduler, rows);
  };
  const auto model = guided(guided_model(text, run.guidance, bound), run.guidance, run.on_guidance);
  const auto x_T = noise.draw_like(conditional_rows(text).text_embedding);
  return networks.prior->denormalise(
      denoise(*scheduler, model, x_T, noise, run.on_step));  // (B, D)
}

at::Tensor sample_prior_of_both(const PriorNetworks& networks, const TextCondition& text,
                                NoiseSource& noise, const StageRun& run) {
  const auto scheduler = make_scheduler(run.scheduler, run.walk);
  const auto bound = [&](const std::vector<TextCondition>& parts) {
    return bind_prior(networks, *scheduler, trimmed(rows_of_texts(parts)));
  };
  const auto model =
      guided(model_of_both(text, run.guidance, bound), run.guidance, run.on_guidance);
  const auto like = conditional_rows(text).text_embedding.unsqueeze(1).expand({-1, 2, -1});
  const auto x_T = noise.draw_like(like);  // (B, 2, D)
  return networks.prior->denormalise(denoise(*scheduler, model, x_T, noise, run.on_step));
}

}  // namespace unclip
