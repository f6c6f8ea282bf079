#include "families/karlo/karlo.h"

#include "families/karlo/prior.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip::karlo {

Karlo::Karlo(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
             CheckedModel checked)
    : Model(folder, options, needs, parts_with_weights(needs)),
      device_(options.device),
      checked_(std::move(checked)),
      text_encoder_(memory(), "text_encoder", checked_.configs.text_encoder),
      image_encoder_(memory(), "image_encoder", checked_.configs.image_encoder),
      prior_(memory(), "prior", checked_.configs.prior),
      text_proj_(memory(), "text_proj", checked_.configs.text_proj),
      decoder_(memory(), "decoder", checked_.configs.decoder),
      super_res_first_(memory(), "super_res_first", checked_.configs.super_res_first),
      super_res_last_(memory(), "super_res_last", checked_.configs.super_res_last) {}

at::Tensor Karlo::prior(Run& run) {
  const auto& text = encode_texts_of(run);
  return run.sample("prior", {embedding_width()}, [&](const StageRun& stage) {
    memory().hold({&prior_}, {&text_proj_, &decoder_});
    return sample_prior({.prior = prior_.get(), .replay = prior_.replay()}, text, run.noise(),
                        stage);
  });
}

at::Tensor Karlo::decode(const at::Tensor& z, Run& run) {
  const auto& text = encode_texts_of(run);
  const auto small = run.sample("decoder", noise_sizes(), [&](const StageRun& stage) {
    memory().hold({&decoder_, &text_proj_}, {&super_res_first_, &super_res_last_});
    const auto x_T = to_device(run.start(noise_sizes()), device_);
    return sample_decoder(decoder_networks(), text, to_device(z, device_), x_T, run.noise(), stage);
  });
  const auto side = image_sizes().image;
  return run.sample("super-res", {3, side, side}, [&](const StageRun& stage) {
    return sample_super_resolution(super_resolution_networks(), to_device(small, device_),
                                   run.noise(), stage);
  });
}

at::Tensor Karlo::invert(const at::Tensor& z, const at::Tensor& images, Run& run) {
  const auto& text = encode_texts_of(run);
  return run.invert("decoder", [&](const StageRun& stage) {
    memory().hold({&decoder_, &text_proj_});
    return invert_decoder(decoder_networks(), text, to_device(z, device_),
                          to_device(images, device_), stage);
  });
}

at::Tensor Karlo::encode_texts(const std::vector<std::string>& texts) {
  const auto embeddings = encode(tokenize(texts, "")).text_embedding;
  const auto count = static_cast<int64_t>(texts.size());
  return embeddings.narrow(0, count, count).to(at::kFloat);
}

at::Tensor Karlo::encode_images(const std::vector<at::Tensor>& images) {
  std::vector<at::Tensor> pixels;
  for (const auto& image : images) {
    pixels.push_back(preprocess(image, checked_.configs.feature_extractor));
  }
  memory().hold({&image_encoder_});
  const auto batch =
      to_device(ops::stack(pixels), device_).to(memory().options().dtype);  // (B, 3, H, W)
  return image_encoder_.get()->forward(batch).to(at::kFloat);
}

int64_t Karlo::embedding_width() const {
  const auto& c = checked_.configs;
  return needs().text ? c.text_encoder.projection_dim : c.image_encoder.projection_dim;
}

std::vector<int64_t> Karlo::noise_sizes() const {
  const auto& c = checked_.configs.decoder;
  return {c.in_channels, c.sample_size, c.sample_size};
}

ImageSizes Karlo::image_sizes() const {
  const auto& c = checked_.configs;
  return {.image = c.super_res_first.sample_size, .decoder = c.decoder.sample_size};
}

Karlo::TokenizedTexts Karlo::tokenize(const std::vector<std::string>& texts,
                                      const std::string& unconditional) const {
  TokenizedTexts result;
  const auto length = checked_.configs.text_encoder.max_position_embeddings;
  std::vector<at::Tensor> ids, masks;
  const auto add = [&](const std::string& text) {
    const auto tokens = checked_.tokenizer->encode(text, length);
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
  result.token_ids = ops::stack(ids);  // (2 B, T)
  result.mask = ops::stack(masks);
  return result;
}

TextCondition Karlo::encode(const TokenizedTexts& texts) {
  memory().hold({&text_encoder_}, {&prior_});
  // The mask stays on the processor, where its length can be read without waiting for a device.
  return text_encoder_.get()->forward(to_device(texts.token_ids, device_), texts.mask);
}

const TextCondition& Karlo::encode_texts_of(Run& run) {
  auto texts = run.prompts();
  texts.push_back(run.negative_prompt());
  if (texts != last_texts_) {
    last_texts_.clear();  // if encoding fails, nothing is known
    last_tokens_ = tokenize(run.prompts(), run.negative_prompt());
    last_condition_ = encode(last_tokens_);
    last_texts_ = texts;
    run.report("text", 1, 1);
  }
  const auto count = run.size();
  run.texts = {.token_ids = last_tokens_.token_ids.narrow(0, count, count),
               .text_embedding = last_condition_.text_embedding.narrow(0, count, count),
               .cuts = last_tokens_.cuts};
  return last_condition_;
}

DecoderNetworks Karlo::decoder_networks() {
  return {.unet = decoder_.get(), .text_proj = text_proj_.get(), .replay = decoder_.replay()};
}

SuperResolutionNetworks Karlo::super_resolution_networks() {
  const auto network = [this](NetworkSlot<UNet, UNetConfig>& slot,
                              NetworkSlot<UNet, UNetConfig>& next) {
    memory().hold({&slot}, {&next});
    return SuperResolutionNetwork{.unet = slot.get(), .replay = slot.replay()};
  };
  return {.first = [this, network] { return network(super_res_first_, super_res_last_); },
          .last = [this, network] { return network(super_res_last_, super_res_first_); },
          .side = checked_.configs.super_res_first.sample_size,
          .dtype = memory().options().dtype};
}

}  // namespace unclip::karlo
