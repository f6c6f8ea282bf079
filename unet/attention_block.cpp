#include "unet/attention_block.h"

#include "kernels/tensor.h"

namespace unclip {

namespace {
// The published networks use this value here, whatever their norm_eps is.
constexpr double kNormEps = 1e-5;
}  // namespace

std::optional<at::Tensor> UNetContext::bias_of(int64_t pixels, at::ScalarType dtype) const {
  if (!mask.defined()) return {};
  const auto length = mask.size(1) + pixels;
  if (bias.defined() && bias.scalar_type() == dtype && bias.size(3) >= length)
    return bias.narrow(3, 0, length);
  // Padding of the text is masked, pixels never are.
  const auto padding = additive_mask(mask, dtype).unsqueeze(1).unsqueeze(1);  // (B, 1, 1, T)
  return ops::constant_pad_nd(padding, {0, pixels});
}

std::vector<at::Tensor*> UNetContext::tensors() {
  std::vector<at::Tensor*> all;
  if (tokens.defined()) all.push_back(&tokens);
  if (mask.defined()) all.push_back(&mask);
  if (bias.defined()) all.push_back(&bias);
  for (auto& of_tokens : seen) {
    all.push_back(&of_tokens.keys);
    all.push_back(&of_tokens.values);
  }
  return all;
}

AttentionBlock::AttentionBlock(Place place, const Shape& s)
    : Module(std::move(place)),
      heads_(s.channels / s.head_width),
      norm({this, "group_norm"}, s.norm_groups, s.channels, kNormEps),
      to_q({this, "to_q"}, s.channels, s.channels),
      to_k({this, "to_k"}, s.channels, s.channels),
      to_v({this, "to_v"}, s.channels, s.channels),
      add_k_proj({this, "add_k_proj"}, s.context_width, s.channels),
      add_v_proj({this, "add_v_proj"}, s.context_width, s.channels),
      to_out({this, "to_out"}) {
  to_out.add(s.channels, s.channels);
}

KeysValues AttentionBlock::keys_values(const at::Tensor& tokens) const {
  return {.keys = split_heads(add_k_proj(tokens), heads_),
          .values = split_heads(add_v_proj(tokens), heads_)};
}

at::Tensor AttentionBlock::operator()(const at::Tensor& x, const UNetContext& context) const {
  const auto pixels = norm(x).flatten(2).transpose(1, 2);  // (B, S, C)
  const auto q = split_heads(to_q(pixels), heads_);        // (B, N, S, K)
  const KeysValues own{.keys = split_heads(to_k(pixels), heads_),
                       .values = split_heads(to_v(pixels), heads_)};
  const auto of_tokens =
      context.seen.empty() ? keys_values(context.tokens) : context.seen.at(number_);
  const auto all = joined({of_tokens, own});

  const auto bias = context.bias_of(pixels.size(1), q.scalar_type());    // (B, 1, 1, T + S)
  const auto h = merge_heads(attention(q, all.keys, all.values, bias));  // (B, S, C)
  return x + to_out[0](h).transpose(1, 2).reshape(x.sizes());            // (B, C, H, W)
}

}  // namespace unclip
