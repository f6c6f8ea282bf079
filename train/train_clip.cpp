#include "train/train_clip.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "base/config.h"
#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "train/batch.h"
#include "train/scene_head.h"
#include "train/training_world.h"

namespace unclip::train {
namespace {

constexpr int64_t kGroup = 4;
constexpr double kFirstLogScale = 2.659;    // ln(1 / 0.07), as published
constexpr double kLargestLogScale = 4.605;  // ln(100), as published
constexpr double kPixelNoise = 0.03;
constexpr double kSceneWeight = 2;

/// (B, B) bool: entry (i, j), i != j, is set if caption j is also true for image i.
at::Tensor also_true(const SceneBatch& scenes) {
  const auto count = scenes.size();
  auto result = at::zeros({count, count}, at::kBool);
  auto set = result.accessor<bool, 2>();
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < count; ++j) set[i][j] = i != j && scenes.is_true(j, i);
  }
  return result;
}

/// The share of rows whose diagonal score is the largest of their group, for scores (B, B).
at::Tensor group_accuracy(const at::Tensor& scores) {
  const auto groups = scores.size(0) / kGroup;
  const auto blocks = scores.detach()
                          .view({groups, kGroup, groups, kGroup})
                          .diagonal(0, 0, 2)  // (kGroup, kGroup, groups)
                          .permute({2, 0, 1});
  const auto own = at::arange(kGroup, at::device(scores.device()).dtype(at::kLong));
  return blocks.argmax(2).eq(own).to(at::kFloat).mean();
}

/// The mean cross entropy of each row, whose target is its own column.
at::Tensor own_column_loss(const at::Tensor& scores) {
  return -at::log_softmax(scores, 1).diagonal().mean();
}

}  // namespace

void train_clip(const TrainOptions& options) {
  const auto text_config =
      ClipTextConfig::from(Config::read(options.model / "text_encoder" / "config.json"));
  const auto vision_config =
      ClipVisionConfig::from(Config::read(options.model / "image_encoder" / "config.json"));
  const auto tokenizer = Tokenizer::load(options.model / "tokenizer");
  TextEncoder text_encoder(text_config);
  ImageEncoder image_encoder(vision_config);
  prepare_module(text_encoder, "text_encoder", "model", options);
  prepare_module(image_encoder, "image_encoder", "model", options);
  auto log_scale = at::full({}, kFirstLogScale, at::device(options.device)).set_requires_grad(true);
  const auto& world = world_of_model(options.model);
  const SceneHead scene_head(text_config.projection_dim, world.answer_counts(), options.seed,
                             options.device);

  TrainingTask task{.name = "clip",
                    .parts = {{"text_encoder", "model", &text_encoder},
                              {"image_encoder", "model", &image_encoder}},
                    .extra = scene_head.parameters(),
                    .noted = {{"logit_scale", log_scale}},
                    .prepare = {},
                    .paint_samples = {}};
  task.extra.emplace_back("logit_scale", log_scale);
  task.prepare = [&](world::Random& random, int64_t count) -> Work {
    const auto scenes = world.contrasting_scenes(count, kGroup, random);
    const auto tokens =
        tokenize(tokenizer, scenes->captions(), text_config.max_position_embeddings);
    const auto pictures = scenes->render(vision_config.image_size);
    const auto also = also_true(*scenes);
    const auto answers = scenes->answers();
    return [=, &text_encoder, &image_encoder, &log_scale, &scene_head,
            &options](at::Generator generator) {
      const auto strength = kPixelNoise * at::rand({}, generator);
      const auto noise = strength * at::randn(pictures.sizes(), generator);
      const auto pixels = normalise_pixels((pictures + noise).to(options.device));
      // No other token attends to the padding after the longest text of the batch, so leave it out.
      const auto longest = tokens.mask.sum(1).max().item<int64_t>();
      const auto ids = tokens.ids.narrow(1, 0, longest).to(options.device);
      const auto text =
          text_encoder.forward(ids, at::Tensor()).text_embedding.to(at::kFloat);  // (B, D)
      const auto image = image_encoder.forward(pixels).to(at::kFloat);            // (B, D)

      const auto normalised = [](const at::Tensor& x) { return x / x.norm(2, 1, true); };
      auto scores = at::matmul(normalised(image), normalised(text).t()) *
                    log_scale.clamp_max(kLargestLogScale).exp();
      scores = scores.masked_fill(also.to(options.device), -std::numeric_limits<float>::infinity());
      const auto contrast = (own_column_loss(scores) + own_column_loss(scores.t())) / 2;
      const auto asked = answers.to(options.device);
      const auto seen = scene_head.read(image, asked);
      const auto told = scene_head.read(text, asked);
      return Losses{.total = contrast + kSceneWeight * (seen.loss + told.loss) / 2,
                    .figures = {{"contrast", contrast.detach()},
                                {"caption", group_accuracy(scores)},
                                {"picture", group_accuracy(scores.t())},
                                {"seen", seen.accuracy},
                                {"told", told.accuracy},
                                {"scale", log_scale.detach().exp()}}};
    };
  };
  train(task, options);
}

}  // namespace unclip::train
