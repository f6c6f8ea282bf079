#include "prior/prior_transformer.h"

#include <ATen/ATen.h>

#include "core/tensor_ops.h"

namespace unclip {

PriorTransformerImpl::PriorTransformerImpl(const PriorConfig& c)
    : config_(c),
      positional_embedding(
          register_parameter("positional_embedding", at::empty({1, c.tokens(), c.inner_width()}))),
      prd_embedding(register_parameter("prd_embedding", at::empty({1, 1, c.inner_width()}))),
      clip_mean(register_parameter("clip_mean", at::empty({1, c.embedding_dim}))),
      clip_std(register_parameter("clip_std", at::empty({1, c.embedding_dim}))),
      time_embedding(register_module(
          "time_embedding", TimestepEmbedding(c.inner_width(), c.time_embed_dim, c.inner_width()))),
      proj_in(register_module("proj_in", linear(c.embedding_dim, c.inner_width()))),
      embedding_proj(register_module("embedding_proj", linear(c.embedding_dim, c.inner_width()))),
      encoder_hidden_states_proj(
          register_module("encoder_hidden_states_proj", linear(c.embedding_dim, c.inner_width()))),
      transformer_blocks(register_module("transformer_blocks", torch::nn::ModuleList())),
      norm_out(register_module("norm_out", layer_norm(c.inner_width(), 1e-5))),
      proj_to_clip_embeddings(
          register_module("proj_to_clip_embeddings", linear(c.inner_width(), c.embedding_dim))) {
  for (int64_t i = 0; i < c.num_layers; ++i) transformer_blocks->push_back(PriorLayer(c));
}

PriorContext PriorTransformerImpl::encode(const at::Tensor& text_embedding,
                                          const at::Tensor& text_hidden, const at::Tensor& mask) {
  TORCH_CHECK(text_hidden.size(1) == config_.num_embeddings, "text_hidden has ",
              text_hidden.size(1), " tokens, the prior ", config_.num_embeddings);
  const auto text = at::cat(
      {encoder_hidden_states_proj(text_hidden), embedding_proj(text_embedding).unsqueeze(1)},
      1);  // (B, T + 1, D')
  const auto length = text.size(1);

  const auto options = text.options();
  const auto causal = at::full({config_.tokens(), config_.tokens()}, -10000.0, options).triu(1);
  const auto padding = at::constant_pad_nd(additive_mask(mask, text.scalar_type()),
                                           {0, config_.additional_embeddings});  // (B, T + 4)
  const auto all = (padding.unsqueeze(1) + causal).unsqueeze(1);  // (B, 1, T + 4, T + 4)
  const auto own = all.narrow(2, 0, length).narrow(3, 0, length);

  PriorContext context{.mask = all.narrow(2, length, config_.tokens() - length).contiguous()};
  auto h = text + positional_embedding.narrow(1, 0, length);
  for (const auto& block : *transformer_blocks) {
    context.text.emplace_back();
    h = block->as<PriorLayer>()->forward(h, own, context.text.back());
  }
  return context;
}

at::Tensor PriorTransformerImpl::forward(const at::Tensor& x_t, const at::Tensor& timesteps,
                                         const PriorContext& context) {
  const auto sinusoid = sinusoids(timesteps, {.width = config_.inner_width()});
  const auto time = time_embedding(sinusoid.to(x_t.scalar_type())).unsqueeze(1);  // (B, 1, D')

  const auto x = proj_in(x_t).unsqueeze(1);                       // (B, 1, D')
  const auto last = prd_embedding.expand({x_t.size(0), -1, -1});  // (B, 1, D')
  auto h = at::cat({time, x, last}, 1);                           // (B, 3, D')
  h = h + positional_embedding.narrow(1, config_.tokens() - h.size(1), h.size(1));

  for (size_t i = 0; i < context.text.size(); ++i) {
    auto seen = context.text[i];
    h = transformer_blocks[i]->as<PriorLayer>()->forward(h, context.mask, seen);
  }
  return proj_to_clip_embeddings(norm_out(h.select(1, -1)));  // (B, D)
}

at::Tensor PriorTransformerImpl::denormalise(const at::Tensor& x_0) const {
  return x_0 * clip_std + clip_mean;
}

at::Tensor PriorTransformerImpl::normalise(const at::Tensor& image_embedding) const {
  return (image_embedding - clip_mean) / clip_std;
}

}  // namespace unclip
