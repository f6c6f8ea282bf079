#include "families/shared/clip_texts.h"

#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip {

ClipTexts::ClipTexts(Memory& memory, const std::string& part, const ClipTextConfig& config,
                     std::optional<Tokenizer> tokenizer)
    : memory_(memory),
      length_(config.max_position_embeddings),
      tokenizer_(std::move(tokenizer)),
      encoder_(memory, part, config) {}

const TextCondition& ClipTexts::encode(Run& run, const NetworkSlotBase* next) {
  auto texts = run.prompts();
  texts.push_back(run.negative_prompt());
  if (texts != last_texts_) {
    last_texts_.clear();  // if encoding fails, nothing is known
    last_tokens_ = tokenize(run.prompts(), run.negative_prompt());
    last_condition_ = encode(last_tokens_, next);
    last_texts_ = texts;
    run.report("text", 1, 1);
  }
  const auto count = run.size();
  run.texts = {.token_ids = last_tokens_.ids.narrow(0, count, count),
               .text_embedding = last_condition_.text_embedding.narrow(0, count, count),
               .cuts = last_tokens_.cuts};
  return last_condition_;
}

at::Tensor ClipTexts::embeddings(const std::vector<std::string>& texts,
                                 const NetworkSlotBase* next) {
  const auto all = encode(tokenize(texts, ""), next).text_embedding;
  const auto count = static_cast<int64_t>(texts.size());
  return all.narrow(0, count, count).to(at::kFloat);
}

ClipTexts::Tokens ClipTexts::tokenize(const std::vector<std::string>& texts,
                                      const std::string& unconditional) const {
  Tokens result;
  std::vector<at::Tensor> ids, masks;
  const auto add = [&](const std::string& text) {
    const auto tokens = tokenizer_->encode(text, length_);
    ids.push_back(ops::tensor(tokens.ids));
    masks.push_back(ops::tensor(tokens.mask).to(at::kFloat));
    return tokens.cut;
  };
  for (size_t i = 0; i < texts.size(); ++i) result.cuts.push_back(add(unconditional));
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto cut = add(texts[i]);
    auto& all = result.cuts[i];
    all += (all.empty() || cut.empty() ? "" : " ") + cut;
  }
  result.ids = ops::stack(ids);  // (2 B, T)
  result.mask = ops::stack(masks);
  return result;
}

TextCondition ClipTexts::encode(const Tokens& tokens, const NetworkSlotBase* next) {
  memory_.hold({&encoder_}, {next});
  // The mask stays on the processor, where its length can be read without waiting for a device.
  return encoder_.get()->forward(to_device(tokens.ids, memory_.options().device), tokens.mask);
}

}  // namespace unclip
