#include "train/train_decoder.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <numeric>

#include "base/config.h"
#include "families/karlo/decoder.h"
#include "families/karlo/text_projection.h"
#include "nn/attention.h"
#include "nn/noise_source.h"
#include "train/condition.h"
#include "train/diffusion.h"
#include "train/sheet.h"
#include "train/training_world.h"
#include "unet/unet.h"

namespace unclip::train {
namespace {

constexpr double kDropBoth = 0.10;
constexpr double kDropText = 0.10;
constexpr double kDropImage = 0.05;
constexpr double kBoundWeight = 1e-3;  // Nichol & Dhariwal 2021, section 3.1
// In nats. Before the prediction is good, the bound is in the thousands, and would outweigh the
// other losses.
constexpr double kLargestBound = 5;
constexpr int64_t kLongestStride = 80;
constexpr int64_t kSamples = 16;  // on a sheet
constexpr double kSampleGuidance = 3;

/// Captions, some of them replaced by the empty one, and the examples that lose their image
/// embedding.
struct Dropped {
  std::vector<std::string> texts;
  at::Tensor without_image;  // (B)
};

Dropped drop_conditions(std::vector<std::string> texts, world::Random& random) {
  const auto count = static_cast<int64_t>(texts.size());
  auto without_image = at::zeros({count});
  for (int64_t i = 0; i < count; ++i) {
    const double u = world::uniform(random, 0, 1);
    const bool text = u < kDropBoth + kDropText;
    const bool image =
        u < kDropBoth || (u >= kDropBoth + kDropText && u < kDropBoth + kDropText + kDropImage);
    if (text) texts[static_cast<size_t>(i)].clear();
    without_image.data_ptr<float>()[i] = image ? 1 : 0;
  }
  return {std::move(texts), without_image};
}

/// Decodes the embeddings of rendered images; these are the upper half of the sheet.
void paint_samples(const std::filesystem::path& png, const TrainingWorld& world,
                   const std::shared_ptr<UNet>& decoder,
                   const std::shared_ptr<karlo::TextProjection>& text_proj, FrozenClip& clip,
                   const Config& scheduler, const TrainOptions& options) {
  const at::NoGradGuard no_grad;
  world::Random random(0);
  const auto scenes = world.random_scenes(kSamples, random);
  const auto truth = scenes->render(decoder->config().sample_size);
  std::vector<std::string> texts(kSamples);  // of the unconditional rows: empty
  for (auto& caption : scenes->captions()) texts.push_back(std::move(caption));
  std::vector<uint64_t> seeds(kSamples);
  std::iota(seeds.begin(), seeds.end(), 0);
  NoiseSource noise(seeds);

  const auto& c = decoder->config();
  const auto x_T = noise.draw({c.in_channels, c.sample_size, c.sample_size}).to(options.device);
  const auto painted = karlo::sample_decoder(
      {decoder, text_proj}, clip.encode_text(clip.tokenize(texts)),
      clip.encode_image(scenes->render(clip.image_size()).to(options.device)), x_T, noise,
      {.scheduler = scheduler, .walk = {}, .guidance = {.scale = kSampleGuidance}});
  write_sheet(png, at::cat({truth, (painted.cpu() + 1) / 2}).unbind(), kSamples / 2, 3);
}

}  // namespace

void train_decoder(const TrainOptions& options) {
  const auto config = UNetConfig::from(Config::read(options.model / "decoder/config.json"));
  const auto decoder = std::make_shared<UNet>(config);
  const auto text_proj = std::make_shared<karlo::TextProjection>(
      karlo::TextProjectionConfig::from(Config::read(options.model / "text_proj/config.json")));
  FrozenClip clip(options);
  prepare_module(*decoder, "decoder", "diffusion_pytorch_model", options);
  prepare_module(*text_proj, "text_proj", "diffusion_pytorch_model", options);
  use_channels_last(*decoder);
  const bool same_size = config.sample_size == clip.image_size();
  const auto schedule = Config::read(options.model / "decoder_scheduler/scheduler_config.json");
  const Diffusion diffusion(schedule, options.device);

  const auto& world = world_of_model(options.model);
  TrainingTask task{.name = "decoder",
                    .parts = {{"decoder", "diffusion_pytorch_model", decoder.get()},
                              {"text_proj", "diffusion_pytorch_model", text_proj.get()}}};
  task.paint_samples = [&](const std::filesystem::path& png) {
    paint_samples(png, world, decoder, text_proj, clip, schedule, options);
  };
  task.prepare = [&](world::Random& random, int64_t count) -> Work {
    const auto scenes = world.random_scenes(count, random);
    const auto rendered = scenes->render(config.sample_size);
    const auto seen = same_size ? rendered : scenes->render(clip.image_size());
    const auto dropped = drop_conditions(scenes->captions(), random);
    return [&, rendered, seen, dropped](at::Generator generator) {
      const auto pictures = rendered.to(options.device);
      const auto text = clip.encode_text(clip.tokenize(dropped.texts));
      const auto z = clip.encode_image(seen.to(options.device));
      const auto context = text_proj->forward(z, dropped.without_image.to(options.device),
                                              text.text_embedding, text.text_hidden, text.mask);

      const auto x_0 = 2 * pictures - 1;
      const auto t = diffusion.random_timesteps(x_0.size(0), generator);
      const auto eps = at::randn(x_0.sizes(), generator).to(options.device);
      const auto x_t = diffusion.add_noise(x_0, t, eps).contiguous(at::MemoryFormat::ChannelsLast);
      const auto [prediction, f] = halves(decoder->forward(x_t, t, context).to(at::kFloat), 1);

      const auto error = x_0 - prediction;
      const auto squared = (error * error).mean({1, 2, 3});  // (B)
      const auto weighted = (diffusion.weight(t) * squared).mean();
      const auto stride =
          at::randint(1, kLongestStride + 1, t.sizes(), generator, at::kLong).to(options.device);
      const auto bound =
          diffusion.variance_bound(f, error.detach(), t, stride).clamp_max(kLargestBound).mean();
      return Losses{.total = weighted + kBoundWeight * bound,
                    .figures = {{"squared", squared.mean().detach()}, {"bound", bound.detach()}}};
    };
  };
  train(task, options);
}

}  // namespace unclip::train
