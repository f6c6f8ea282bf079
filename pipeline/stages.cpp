#include "pipeline/stages.h"

#include <algorithm>

#include "kernels/tensor.h"
#include "pipeline/sample_prior.h"

namespace unclip {

Stages::Stages(const std::filesystem::path& dir, const PipelineOptions& options, const Needs& needs)
    : model_(ModelDir::open(dir, options.parts)),
      options_(options),
      needs_(needs),
      checked_(check_model(model_, needs)),
      text_encoder_("text_encoder", checked_.configs.text_encoder),
      image_encoder_("image_encoder", checked_.configs.image_encoder),
      prior_("prior", checked_.configs.prior),
      text_proj_("text_proj", checked_.configs.text_proj),
      decoder_("decoder", checked_.configs.decoder),
      super_res_first_("super_res_first", checked_.configs.super_res_first),
      super_res_last_("super_res_last", checked_.configs.super_res_last) {}

void Stages::load(Stage stage) {
  switch (stage) {
    case Stage::kText:
      text_encoder_.get(model_, options_);
      break;
    case Stage::kPrior:
      prior_.get(model_, options_);
      break;
    case Stage::kDecoder:
    case Stage::kInversion:
      decoder_networks();
      break;
    case Stage::kSuperResolution:
      super_res_first_.get(model_, options_);
      if (!options_.low_memory) super_res_last_.get(model_, options_);
      break;
  }
}

std::set<std::string> Stages::refusals(Stage stage) const {
  switch (stage) {
    case Stage::kText:
      return {};
    case Stage::kPrior:
      return prior_.refusals();
    case Stage::kDecoder:
    case Stage::kInversion:
      return decoder_.refusals();
    case Stage::kSuperResolution:
      break;
  }
  auto all = super_res_first_.refusals();
  all.merge(super_res_last_.refusals());
  return all;
}

TokenizedTexts Stages::tokenize(const std::vector<std::string>& prompts,
                                const std::string& negative) const {
  TokenizedTexts result;
  const auto length = checked_.configs.text_encoder.max_position_embeddings;
  std::vector<at::Tensor> ids, masks;
  const auto add = [&](const std::string& text) {
    const auto tokens = checked_.tokenizer->encode(text, length);
    ids.push_back(ops::tensor(tokens.ids));
    masks.push_back(ops::tensor(tokens.mask).to(at::kFloat));
    return tokens.cut;
  };
  for (size_t i = 0; i < prompts.size(); ++i) result.cuts.push_back(add(negative));
  for (size_t i = 0; i < prompts.size(); ++i) {
    const auto cut = add(prompts[i]);
    auto& all = result.cuts[i];
    all += (all.empty() || cut.empty() ? "" : " ") + cut;
  }
  result.token_ids = ops::stack(ids);  // (2 B, T)
  result.mask = ops::stack(masks);
  return result;
}

void Stages::read_ahead(std::initializer_list<const char*> parts) {
  const auto needed = parts_with_weights(needs_);
  for (const std::string part : parts) {
    if (std::find(needed.begin(), needed.end(), part) == needed.end()) continue;
    if (!read_ahead_.insert(part).second) continue;
    const auto weights = model_.weights(part);
    for (const auto& file : weights.opened()) file->read_ahead();
  }
}

TextCondition Stages::encode_text(const TokenizedTexts& texts) {
  read_ahead({"prior"});
  // The mask is handed on: it stays where its length can be read without waiting for a device.
  auto text = text_encoder_.get(model_, options_)
                  ->forward(to_device(texts.token_ids, options_.device), texts.mask);
  if (options_.low_memory) text_encoder_.free();
  return text;
}

at::Tensor Stages::encode_pictures(const std::vector<at::Tensor>& pictures) {
  std::vector<at::Tensor> pixels;
  for (const auto& picture : pictures) {
    pixels.push_back(preprocess(picture, checked_.configs.feature_extractor));
  }
  const auto batch =
      to_device(ops::stack(pixels), options_.device).to(options_.dtype);  // (B, 3, H, W)
  auto z = image_encoder_.get(model_, options_)->forward(batch).to(at::kFloat);
  if (options_.low_memory) image_encoder_.free();
  return z;
}

at::Tensor Stages::prior(const TextCondition& text, NoiseSource& noise, const StageOptions& stage) {
  read_ahead({"text_proj", "decoder"});
  auto z = sample_prior({.prior = prior_.get(model_, options_), .replay = prior_.replay()},
                        model_.config("prior_scheduler"), text, noise, stage);
  if (options_.low_memory) prior_.free();
  return z;
}

at::Tensor Stages::decoder(const TextCondition& text, const at::Tensor& z, const at::Tensor& x_T,
                           NoiseSource& noise, const StageOptions& stage) {
  read_ahead({"super_res_first", "super_res_last"});
  const auto& c = checked_.configs.decoder;
  const auto start =
      x_T.defined() ? x_T : noise.draw({c.in_channels, c.sample_size, c.sample_size});
  auto small = sample_decoder(decoder_networks(), model_.config("decoder_scheduler"), text, z,
                              to_device(start, options_.device), noise, stage);
  if (options_.low_memory) free_decoder();
  return small;
}

at::Tensor Stages::inversion(const TextCondition& text, const at::Tensor& z,
                             const at::Tensor& small, const StageOptions& stage) {
  auto x_T = invert_decoder(decoder_networks(), model_.config("decoder_scheduler"), text, z,
                            to_device(small, options_.device), stage);
  if (options_.low_memory) free_decoder();
  return x_T;
}

DecoderNetworks Stages::decoder_networks() {
  return {.unet = decoder_.get(model_, options_),
          .text_proj = text_proj_.get(model_, options_),
          .replay = decoder_.replay()};
}

SuperResolutionNetworks Stages::super_resolution_networks() {
  // In little memory the one makes room for the other.
  const auto of = [this](Lazy<UNet, UNetConfig>& network) {
    return SuperResolutionNetwork{.unet = network.get(model_, options_),
                                  .replay = network.replay()};
  };
  return {.first =
              [this, of] {
                if (options_.low_memory) super_res_last_.free();
                return of(super_res_first_);
              },
          .last =
              [this, of] {
                if (options_.low_memory) super_res_first_.free();
                return of(super_res_last_);
              },
          .side = checked_.configs.super_res_first.sample_size,
          .dtype = options_.dtype};
}

void Stages::free_decoder() {
  decoder_.free();
  text_proj_.free();
}

at::Tensor Stages::super_resolution(const at::Tensor& small, NoiseSource& noise,
                                    const StageOptions& stage) {
  auto image = sample_super_resolution(super_resolution_networks(),
                                       model_.config("super_res_scheduler"), small, noise, stage);
  if (options_.low_memory) {
    super_res_first_.free();
    super_res_last_.free();
  }
  return image;
}

}  // namespace unclip
