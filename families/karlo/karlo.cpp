#include "families/karlo/karlo.h"

#include "families/shared/prior_run.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip::karlo {

Karlo::Karlo(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
             CheckedModel checked)
    : Model(folder, options, needs, parts_with_weights(needs)),
      device_(options.device),
      checked_(std::move(checked)),
      texts_(memory(), "text_encoder", checked_.configs.text_encoder,
             std::move(checked_.tokenizer)),
      images_(memory(), "image_encoder", checked_.configs.image_encoder,
              checked_.configs.feature_extractor),
      prior_(memory(), "prior", checked_.configs.prior),
      text_proj_(memory(), "text_proj", checked_.configs.text_proj),
      decoder_(memory(), "decoder", checked_.configs.decoder),
      super_res_first_(memory(), "super_res_first", checked_.configs.super_res_first),
      super_res_last_(memory(), "super_res_last", checked_.configs.super_res_last) {}

ImageEmbedding Karlo::prior(Run& run) {
  const auto& text = texts_.encode(run, &prior_);
  const auto z = run.sample("prior", {embedding_width()}, [&](const StageRun& stage) {
    memory().hold({&prior_}, {&text_proj_, &decoder_});
    return sample_prior({.prior = prior_.get(), .replay = prior_.replay()}, text, run.noise(),
                        stage);
  });
  return {.z = z, .negative = {}};
}

at::Tensor Karlo::decode(const ImageEmbedding& embedding, Run& run) {
  const auto& text = texts_.encode(run, &prior_);
  const auto sizes = noise_sizes(run.image_size());
  const auto small = run.sample("decoder", sizes, [&](const StageRun& stage) {
    memory().hold({&decoder_, &text_proj_}, {&super_res_first_, &super_res_last_});
    const auto z = to_device(embedding.z, device_), x_T = to_device(run.start(sizes), device_);
    return sample_decoder(decoder_networks(), text, z, x_T, run.noise(), stage);
  });
  const auto side = checked_.configs.super_res_first.sample_size;
  return run.sample("super-res", {3, side, side}, [&](const StageRun& stage) {
    return sample_super_resolution(super_resolution_networks(), to_device(small, device_),
                                   run.noise(), stage);
  });
}

at::Tensor Karlo::invert(const at::Tensor& z, const at::Tensor& images, Run& run) {
  const auto& text = texts_.encode(run, &prior_);
  return run.invert("decoder", [&](const StageRun& stage) {
    memory().hold({&decoder_, &text_proj_});
    return invert_decoder(decoder_networks(), text, to_device(z, device_),
                          to_device(images, device_), stage);
  });
}

at::Tensor Karlo::encode_texts(const std::vector<std::string>& texts) {
  return texts_.embeddings(texts, &prior_);
}

at::Tensor Karlo::encode_images(const std::vector<at::Tensor>& images) {
  return images_.embeddings(images);
}

int64_t Karlo::embedding_width() const {
  const auto& c = checked_.configs;
  return needs().text ? c.text_encoder.projection_dim : c.image_encoder.projection_dim;
}

std::vector<int64_t> Karlo::noise_sizes(const ImageSize&) const {
  const auto& c = checked_.configs.decoder;
  return {c.in_channels, c.sample_size, c.sample_size};
}

ImageSizes Karlo::image_sizes() const { return sizes_of(checked_.configs); }

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
