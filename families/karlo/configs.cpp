#include "families/karlo/configs.h"

#include <c10/util/Exception.h>

#include "base/config.h"
#include "families/shared/clip_prior.h"
#include "scheduler/scheduler.h"
#include "weights/model_dir.h"

namespace unclip::karlo {
namespace {

void expect_side(const ModelDir& model, const char* part, const UNetConfig& c) {
  const auto multiple = int64_t{1} << (c.block_out_channels.size() - 1);
  if (c.sample_size > 0 && c.sample_size % multiple == 0) return;
  fail(model.config(part).name(), ": 'sample_size': expected a multiple of ", multiple, ", got ",
       c.sample_size);
}

/// A network predicts as many channels as its sample has, twice that if the variance is learned.
void expect_output(const ModelDir& model, const PartNumber& out_channels, const char* scheduler,
                   int64_t channels) {
  const auto config = SchedulerConfig::from(model.config(scheduler));
  const auto learned = config.variance_type == VarianceType::kLearnedRange;
  expect_equal(
      model, out_channels,
      {scheduler,
       learned ? "variance_type (learned: 2 x in_channels)" : "variance_type (fixed: in_channels)",
       (learned ? 2 : 1) * channels});
}

void check_prior(const ModelDir& model, const Configs& c) {
  expect_prior_fits(model, c.prior, c.text_encoder);
  const auto schedule = model.config("prior_scheduler");
  if (SchedulerConfig::from(schedule).variance_type != VarianceType::kFixedSmallLog) {
    schedule.fail_value("variance_type", "\"fixed_small_log\", for the prior predicts no variance");
  }
}

void check_image_encoder(const ModelDir& model, const Configs& c, bool with_text) {
  for (const auto side : {c.feature_extractor.crop_height, c.feature_extractor.crop_width}) {
    expect_equal(model, {"feature_extractor", "crop_size", side},
                 {"image_encoder", "image_size", c.image_encoder.image_size});
  }
  expect_equal(model, {"image_encoder", "num_channels", c.image_encoder.num_channels},
               {"image_encoder", "num_channels (of an image)", 3});
  if (with_text) {
    expect_equal(model, {"image_encoder", "projection_dim", c.image_encoder.projection_dim},
                 {"text_encoder", "projection_dim", c.text_encoder.projection_dim});
  }
}

// Differs from nothing published: diffusers takes a mask as long as a level has pixels for theirs,
// and pads every other one. What such a model was trained with is not known.
void expect_mask_is_the_texts(const ModelDir& model, const Configs& c) {
  const auto tokens =
      c.text_encoder.max_position_embeddings + c.text_proj.clip_extra_context_tokens;
  for (size_t i = 0; i < c.decoder.block_out_channels.size(); ++i) {
    const auto side = c.decoder.sample_size >> i;
    if (!c.decoder.attends(i) || side * side != tokens) continue;
    fail(model.config("text_proj").name(), ": 'clip_extra_context_tokens': expected a number that ",
         "makes with the text's tokens not ", tokens, ", the number of pixels that the decoder ",
         "attends to at level ", i, "; got ", c.text_proj.clip_extra_context_tokens);
  }
}

void check_decoder(const ModelDir& model, const Configs& c) {
  expect_equal(model, {"text_proj", "clip_embeddings_dim", c.text_proj.clip_embeddings_dim},
               {"text_encoder", "projection_dim", c.text_encoder.projection_dim});
  expect_equal(model, {"text_proj", "clip_embeddings_dim", c.text_proj.clip_embeddings_dim},
               {"text_encoder", "hidden_size", c.text_encoder.transformer.hidden_size});
  expect_equal(model, {"text_proj", "time_embed_dim", c.text_proj.time_embed_dim},
               {"decoder", "time_embedding_dim", c.decoder.time_embedding_dim});
  expect_equal(model, {"text_proj", "cross_attention_dim", c.text_proj.cross_attention_dim},
               {"decoder", "cross_attention_dim", c.decoder.cross_attention_dim});
  if (c.decoder.conditioning != Conditioning::kClass) {
    fail(
        model.config("decoder").name(),
        ": 'class_embed_type': expected \"identity\", for the embeddings enter there, got nothing");
  }
  const auto channels = c.decoder.in_channels;
  expect_equal(model, {"decoder", "in_channels", channels},
               {"decoder", "in_channels (of an image)", 3});
  expect_output(model, {"decoder", "out_channels", c.decoder.out_channels}, "decoder_scheduler",
                channels);
  for (const auto* part : {"super_res_first", "super_res_last"}) {
    const auto& net = part == std::string("super_res_first") ? c.super_res_first : c.super_res_last;
    expect_equal(model, {part, "in_channels", net.in_channels},
                 {"decoder", "in_channels (twice)", 2 * channels});
    expect_output(model, {part, "out_channels", net.out_channels}, "super_res_scheduler", channels);
    expect_equal(model, {part, "sample_size", net.sample_size},
                 {"super_res_first", "sample_size", c.super_res_first.sample_size});
    expect_side(model, part, net);
  }
  expect_side(model, "decoder", c.decoder);
  expect_mask_is_the_texts(model, c);
}

}  // namespace

ImageSizes sizes_of(const Configs& configs) {
  const auto small = configs.decoder.sample_size, large = configs.super_res_first.sample_size;
  return {.image = {large, large}, .decoder = {small, small}};
}

Needs with_texts(Needs needs) {
  needs.text = needs.text || needs.prior || needs.decoder;
  return needs;
}

std::vector<std::string> parts_with_weights(const Needs& needs) {
  std::vector<std::string> parts;
  if (with_texts(needs).text) parts.push_back("text_encoder");
  if (needs.image_encoder) parts.push_back("image_encoder");
  if (needs.prior) parts.push_back("prior");
  if (needs.decoder) {
    parts.insert(parts.end(), {"text_proj", "decoder", "super_res_first", "super_res_last"});
  }
  return parts;
}

Configs Configs::from(const ModelDir& model, const Needs& given) {
  const auto needs = with_texts(given);
  Configs c;
  if (needs.text) c.text_encoder = ClipTextConfig::from(model.config("text_encoder"));
  if (needs.image_encoder) {
    c.image_encoder = ClipVisionConfig::from(model.config("image_encoder"));
    c.feature_extractor = ImageProcessorConfig::from(model.config("feature_extractor"));
    check_image_encoder(model, c, needs.text);
  }
  if (needs.prior) {
    c.prior = PriorConfig::from(model.config("prior"));
    make_scheduler(model.config("prior_scheduler"), 1);
    check_prior(model, c);
  }
  if (needs.decoder) {
    c.text_proj = TextProjectionConfig::from(model.config("text_proj"));
    c.decoder = UNetConfig::from(model.config("decoder"));
    c.super_res_first = UNetConfig::from(model.config("super_res_first"));
    c.super_res_last = UNetConfig::from(model.config("super_res_last"));
    make_scheduler(model.config("decoder_scheduler"), 1);
    make_scheduler(model.config("super_res_scheduler"), 1);
    check_decoder(model, c);
  }
  return c;
}

}  // namespace unclip::karlo
