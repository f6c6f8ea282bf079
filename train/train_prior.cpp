#include "train/train_prior.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "base/config.h"
#include "prior/prior_transformer.h"
#include "train/condition.h"
#include "train/diffusion.h"
#include "train/training_world.h"

namespace unclip::train {
namespace {

constexpr double kDropPriorText = 0.10;
constexpr int64_t kMeasuredBatches = 32;

/// Sets clip_mean and clip_std to those of the world's images; they are not trained.
void measure_embeddings(const PriorTransformer& prior, const TrainingWorld& world, FrozenClip& clip,
                        const TrainOptions& options) {
  const at::NoGradGuard no_grad;
  world::Random random(options.seed);
  std::vector<at::Tensor> embeddings;
  for (int64_t i = 0; i < kMeasuredBatches; ++i) {
    const auto pictures =
        world.random_scenes(options.batch_size, random)->render(clip.image_size());
    embeddings.push_back(clip.encode_image(pictures.to(options.device)));
  }
  const auto all = at::cat(embeddings);  // (N, D)
  prior.parameter("clip_mean").copy_(all.mean(0, true));
  prior.parameter("clip_std").copy_(all.std(0, true, true));
}

}  // namespace

void train_prior(const TrainOptions& options) {
  PriorTransformer prior(PriorConfig::from(Config::read(options.model / "prior/config.json")));
  FrozenClip clip(options);
  const auto& world = world_of_model(options.model);
  prepare_module(prior, "prior", "diffusion_pytorch_model", options);
  if (!options.from_model) measure_embeddings(prior, world, clip, options);
  for (const auto* fixed : {"clip_mean", "clip_std"}) {
    prior.parameter(fixed).set_requires_grad(false);
  }
  const auto schedule = Config::read(options.model / "prior_scheduler/scheduler_config.json");
  const Diffusion diffusion(schedule, options.device);

  TrainingTask task{.name = "prior", .parts = {{"prior", "diffusion_pytorch_model", &prior}}};
  task.prepare = [&](world::Random& random, int64_t count) -> Work {
    const auto scenes = world.random_scenes(count, random);
    const auto rendered = scenes->render(clip.image_size());
    auto texts = scenes->captions();
    for (auto& text : texts) {
      if (world::chance(random, kDropPriorText)) text.clear();
    }
    return [&, rendered, texts](at::Generator generator) {
      const auto text = clip.encode_text(clip.tokenize(texts));
      const auto x_0 = prior.normalise(clip.encode_image(rendered.to(options.device)));  // (B, D)
      const auto t = diffusion.random_timesteps(x_0.size(0), generator);
      const auto eps = at::randn(x_0.sizes(), generator).to(options.device);
      const auto x_t = diffusion.add_noise(x_0, t, eps);
      const auto context =
          prior.encode(text.text_embedding, text.text_hidden, text.mask, t.unsqueeze(1));
      const auto prediction = prior.forward(x_t, context.times[0], context).to(at::kFloat);
      const auto loss = at::mse_loss(prediction, x_0.to(at::kFloat));
      return Losses{.total = loss, .figures = {}};
    };
  };
  train(task, options);
}

}  // namespace unclip::train
