#include "unet/attention_block.h"

#include <ATen/ATen.h>

namespace unclip {

namespace {
// The published networks have this value here whatever their norm_eps says.
constexpr double kNormEps = 1e-5;
}  // namespace

at::Tensor UNetContext::bias_of(int64_t pixels, at::ScalarType dtype) const {
  const auto length = mask.size(1) + pixels;
  if (bias.defined() && bias.scalar_type() == dtype && bias.size(3) >= length)
    return bias.narrow(3, 0, length);
  // Padding of the text is masked, pixels never are.
  const auto padding = additive_mask(mask, dtype).unsqueeze(1).unsqueeze(1);  // (B, 1, 1, T)
  return at::constant_pad_nd(padding, {0, pixels});
}

std::vector<at::Tensor*> UNetContext::tensors() {
  std::vector<at::Tensor*> all;
  if (tokens.defined()) all = {&tokens, &mask};
  if (bias.defined()) all.push_back(&bias);
  for (auto& [block, of_tokens] : seen) {
    all.push_back(&of_tokens.keys);
    all.push_back(&of_tokens.values);
  }
  return all;
}

AttentionBlockImpl::AttentionBlockImpl(const Shape& s)
    : heads_(s.channels / s.head_width),
      norm(register_module("group_norm", group_norm(s.norm_groups, s.channels, kNormEps))),
      to_q(register_module("to_q", linear(s.channels, s.channels))),
      to_k(register_module("to_k", linear(s.channels, s.channels))),
      to_v(register_module("to_v", linear(s.channels, s.channels))),
      add_k_proj(register_module("add_k_proj", linear(s.context_width, s.channels))),
      add_v_proj(register_module("add_v_proj", linear(s.context_width, s.channels))),
      to_out(register_module("to_out", torch::nn::ModuleList())) {
  to_out->push_back(linear(s.channels, s.channels));
}

KeysValues AttentionBlockImpl::keys_values(const at::Tensor& tokens) {
  return {.keys = split_heads(add_k_proj(tokens), heads_),
          .values = split_heads(add_v_proj(tokens), heads_)};
}

at::Tensor AttentionBlockImpl::forward(const at::Tensor& x, const UNetContext& context) {
  const auto pixels = norm(x).flatten(2).transpose(1, 2);  // (B, S, C)
  const auto q = split_heads(to_q(pixels), heads_);        // (B, N, S, K)
  const KeysValues own{.keys = split_heads(to_k(pixels), heads_),
                       .values = split_heads(to_v(pixels), heads_)};
  const auto known = context.seen.find(this);
  const auto of_tokens = known == context.seen.end() ? keys_values(context.tokens) : known->second;
  const auto all = joined({of_tokens, own});

  const auto bias = context.bias_of(pixels.size(1), q.scalar_type());  // (B, 1, 1, T + S)
  auto h = merge_heads(attention(q, all.keys, all.values, bias));      // (B, S, C)
  h = to_out[0]->as<Linear>()->forward(h);
  return x + h.transpose(1, 2).reshape(x.sizes());  // (B, C, H, W)
}

}  // namespace unclip
