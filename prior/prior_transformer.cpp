#include "prior/prior_transformer.h"

#include "kernels/tensor.h"

namespace unclip {

namespace {
constexpr double kHidden = -10000.0;  // added to the score of a hidden token
}  // namespace

std::vector<at::Tensor*> PriorContext::tensors() {
  std::vector<at::Tensor*> all{&step_mask};
  for (auto& layer : text) {
    all.push_back(&layer.keys);
    all.push_back(&layer.values);
  }
  return all;
}

PriorTransformer::PriorTransformer(const PriorConfig& c)
    : config_(c),
      positional_embedding(
          add_parameter("positional_embedding", ops::empty({1, c.tokens(), c.inner_width()}))),
      prd_embedding(add_parameter("prd_embedding", ops::empty({1, 1, c.inner_width()}))),
      clip_mean(add_parameter("clip_mean", ops::empty({1, c.embedding_dim}))),
      clip_std(add_parameter("clip_std", ops::empty({1, c.embedding_dim}))),
      time_embedding({this, "time_embedding"}, c.inner_width(), c.time_embed_dim, c.inner_width()),
      proj_in({this, "proj_in"}, c.embedding_dim, c.inner_width()),
      embedding_proj({this, "embedding_proj"}, c.embedding_dim, c.inner_width()),
      encoder_hidden_states_proj({this, "encoder_hidden_states_proj"}, c.embedding_dim,
                                 c.inner_width()),
      transformer_blocks({this, "transformer_blocks"}),
      norm_out({this, "norm_out"}, c.inner_width(), 1e-5),
      proj_to_clip_embeddings({this, "proj_to_clip_embeddings"}, c.inner_width(), c.embedding_dim) {
  for (int64_t i = 0; i < c.num_layers; ++i) transformer_blocks.add(c);
}

PriorContext PriorTransformer::encode(const at::Tensor& text_embedding,
                                      const at::Tensor& text_hidden, const at::Tensor& mask,
                                      const at::Tensor& timesteps) const {
  auto context = encode_text(text_embedding, text_hidden, mask);
  context.times = encode_times(timesteps, context);

  // Padding of the text is hidden from both tokens, and the last token is hidden from x_t.
  const auto own = ops::full({2, 3}, kHidden, context.mask.options()).triu(2);
  context.step_mask = ops::cat(
      {context.mask.expand({-1, -1, 2, -1}), own.expand({context.mask.size(0), 1, -1, -1})}, 3);
  return context;
}

PriorContext PriorTransformer::encode_text(const at::Tensor& text_embedding,
                                           const at::Tensor& text_hidden,
                                           const at::Tensor& mask) const {
  TORCH_CHECK(text_hidden.size(1) <= config_.num_embeddings, "text_hidden has ",
              text_hidden.size(1), " tokens, the prior ", config_.num_embeddings);
  const auto length = text_hidden.size(1);
  const auto hidden = encoder_hidden_states_proj(text_hidden) + positions(0, length);
  const auto embedding =
      embedding_proj(text_embedding).unsqueeze(1) + positions(config_.num_embeddings, 1);
  auto h = ops::cat({hidden, embedding}, 1);  // (B, T + 1, D')

  const auto padding = ops::constant_pad_nd(additive_mask(mask, h.scalar_type()), {0, 1});
  PriorContext context{.mask = padding.unsqueeze(1).unsqueeze(1)};
  const auto causal = ops::full({length + 1, length + 1}, kHidden, h.options()).triu(1);
  const auto own = context.mask + causal;  // (B, 1, T + 1, T + 1)
  for (size_t i = 0; i < transformer_blocks.size(); ++i) {
    std::vector<KeysValues> seen;
    h = transformer_blocks[i](h, own, seen);
    context.text.push_back(seen.back());
  }
  return context;
}

at::Tensor PriorTransformer::encode_times(const at::Tensor& timesteps,
                                          const PriorContext& context) const {
  const auto steps = timesteps.size(1);
  const auto sinusoid = sinusoids(timesteps.flatten(), {.width = config_.inner_width()});
  auto h = time_embedding(sinusoid.to(context.scalar_type())).unflatten(0, timesteps.sizes()) +
           positions(config_.num_embeddings + 1, 1);  // (B, S, D')

  // Each timestep attends to the text and itself, not to the other timesteps.
  const auto others = ops::full({steps, steps}, kHidden, h.options())
                          .fill_diagonal_(0)
                          .expand({h.size(0), 1, -1, -1});
  const auto mask = ops::cat({context.mask.expand({-1, -1, steps, -1}), others}, 3);
  std::vector<at::Tensor> layers;
  for (size_t i = 0; i < context.text.size(); ++i) {
    std::vector<KeysValues> seen = {context.text[i]};
    h = transformer_blocks[i](h, mask, seen);
    for (const auto& part : {seen.back().keys, seen.back().values}) {
      layers.push_back(part.permute({2, 0, 1, 3}));  // (S, B, N, K)
    }
  }
  return ops::stack(layers, 1).unflatten(1, {-1, 2});  // (S, L, 2, B, N, K)
}

at::Tensor PriorTransformer::forward(const at::Tensor& x_t, const at::Tensor& time,
                                     const PriorContext& context) const {
  const auto x = proj_in(x_t).unsqueeze(1);                                    // (B, 1, D')
  const auto last = prd_embedding.expand({x_t.size(0), -1, -1});               // (B, 1, D')
  auto h = ops::cat({x, last}, 1) + positions(config_.num_embeddings + 2, 2);  // (B, 2, D')

  const auto layers = time.unsqueeze(4).unbind();  // each (2, B, N, 1, K)
  for (size_t i = 0; i < context.text.size(); ++i) {
    std::vector<KeysValues> seen = {context.text[i],
                                    {.keys = layers[i][0], .values = layers[i][1]}};
    h = transformer_blocks[i](h, context.step_mask, seen);
  }
  return proj_to_clip_embeddings(norm_out(h.select(1, -1)));  // (B, D)
}

at::Tensor PriorTransformer::positions(int64_t first, int64_t count) const {
  return positional_embedding.narrow(1, first, count);
}

at::Tensor PriorTransformer::denormalise(const at::Tensor& x_0) const {
  return x_0 * clip_std + clip_mean;
}

at::Tensor PriorTransformer::normalise(const at::Tensor& image_embedding) const {
  return (image_embedding - clip_mean) / clip_std;
}

}  // namespace unclip
