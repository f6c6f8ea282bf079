#include "families/kandinsky22/configs.h"

#include <numeric>

#include "families/shared/clip_prior.h"
#include "scheduler/scheduler.h"

namespace unclip::kandinsky22 {
namespace {

constexpr int64_t kImageChannels = 3;

void check_prior(const ModelDir& model, const Configs& c) {
  expect_prior_fits(model, c.prior, c.text_encoder);
  const auto schedule = model.config("prior_scheduler");
  if (is_learned(SchedulerConfig::from(schedule).variance_type)) {
    schedule.fail_value("variance_type", "a fixed one, for the prior predicts no variance");
  }
}

void check_image_encoder(const ModelDir& model, const Configs& c, const Needs& needs) {
  for (const auto side : {c.feature_extractor.crop_height, c.feature_extractor.crop_width}) {
    if (!needs.image_encoder) break;
    expect_equal(model, {"feature_extractor", "crop_size", side},
                 {"image_encoder", "image_size", c.image_encoder.image_size});
  }
  if (c.image_encoder.num_channels != kImageChannels) {
    model.config("image_encoder").fail_value("num_channels", "3, the channels of an image");
  }
  const PartNumber width{"image_encoder", "projection_dim", c.image_encoder.projection_dim};
  if (needs.text) {
    expect_equal(model, width, {"text_encoder", "projection_dim", c.text_encoder.projection_dim});
  }
  if (needs.decoder) {
    expect_equal(model, width, {"unet", "encoder_hid_dim", c.unet.encoder_hid_dim});
  }
}

void check_decoder(const ModelDir& model, const Configs& c, const Needs& needs) {
  if (c.unet.conditioning != Conditioning::kImage) {
    fail(model.config("unet").name(), ": 'encoder_hid_dim_type': expected \"image_proj\", for the ",
         "image embedding enters there, got nothing");
  }
  if (needs.prior) {
    expect_equal(model, {"unet", "encoder_hid_dim", c.unet.encoder_hid_dim},
                 {"prior", "embedding_dim", c.prior.embedding_dim});
  }
  const auto channels = c.movq.vq_embed_dim;
  if (c.unet.in_channels != channels) {
    model.config("unet").fail_value(
        "in_channels",
        std::to_string(channels) + ", as 'vq_embed_dim' of movq (9: for inpainting)");
  }
  for (const auto& [key, value] : {std::pair{"in_channels", c.movq.in_channels},
                                   std::pair{"out_channels", c.movq.out_channels}}) {
    if (value != kImageChannels) {
      model.config("movq").fail_value(key, "3, the channels of an image");
    }
  }
  const auto schedule = model.config("decoder_scheduler");
  const bool learned = is_learned(SchedulerConfig::from(schedule).variance_type);
  if (c.unet.out_channels == 2 * channels || (!learned && c.unet.out_channels == channels)) return;
  model.config("unet").fail_value("out_channels", std::to_string(2 * channels) +
                                                      ", for a prediction and a variance of each "
                                                      "channel of movq's latent");
}

}  // namespace

Needs with_texts(Needs needs) {
  needs.text = needs.text || needs.prior;
  return needs;
}

std::vector<std::string> parts_with_weights(const Needs& needs) {
  std::vector<std::string> parts;
  if (with_texts(needs).text) parts.emplace_back("text_encoder");
  // The decoder is guided by the embedding of zeros, unless there is a negative prompt.
  if (needs.image_encoder || needs.decoder) parts.emplace_back("image_encoder");
  if (needs.prior) parts.emplace_back("prior");
  if (needs.decoder) parts.insert(parts.end(), {"unet", "movq"});
  return parts;
}

bool encodes_images(const ModelDir& model, const Needs& needs) {
  // Without it, embeddings can still be decoded at guidance 1 or with a negative embedding.
  return needs.image_encoder || (needs.decoder && (needs.prior || model.has("image_encoder")));
}

Configs Configs::from(const ModelDir& model, const Needs& given) {
  const auto needs = with_texts(given);
  Configs c;
  if (needs.text) c.text_encoder = ClipTextConfig::from(model.config("text_encoder"));
  if (needs.prior) {
    c.prior = PriorConfig::from(model.config("prior"));
    make_scheduler(model.config("prior_scheduler"), 1);
    check_prior(model, c);
  }
  if (needs.decoder) {
    c.unet = UNetConfig::from(model.config("unet"));
    c.movq = VaeConfig::from(model.config("movq"));
    make_scheduler(model.config("decoder_scheduler"), 1);
    check_decoder(model, c, needs);
  }
  if (encodes_images(model, needs)) {
    c.image_encoder = ClipVisionConfig::from(model.config("image_encoder"));
    if (needs.image_encoder) {
      c.feature_extractor = ImageProcessorConfig::from(model.config("feature_extractor"));
    }
    check_image_encoder(model, c, needs);
  }
  return c;
}

ImageSizes sizes_of(const Configs& c) {
  const auto scale = c.movq.scale();
  const auto halvings = int64_t{1} << (c.unet.block_out_channels.size() - 1);
  // The reference makes latents whose sides are multiples of `scale`.
  const auto multiple = std::lcm(scale * scale, scale * halvings);
  const auto side = std::max<int64_t>(c.unet.sample_size, 1) * scale;
  const auto rounded = (side + multiple - 1) / multiple * multiple;
  return {.image = {rounded, rounded}, .decoder = {rounded, rounded}, .multiple = multiple};
}

}  // namespace unclip::kandinsky22
