#include "train/train_super_resolution.h"

#include <ATen/ATen.h>

#include <numeric>

#include "core/config.h"
#include "core/noise_source.h"
#include "image/resize.h"
#include "pipeline/sample_super_resolution.h"
#include "train/batch.h"
#include "train/diffusion.h"
#include "train/sheet.h"
#include "unet/unet.h"

namespace unclip::train {
namespace {

constexpr double kSmallNoise = 0.06;    // of [-1, 1], the largest
constexpr int64_t kLastTimesteps = 25;  // that the last step's network is trained on
constexpr auto kLastPart = "super_res_last";
constexpr int64_t kSamples = 8;  // on a sheet
constexpr int64_t kSampleSteps = 7;
constexpr int64_t kCrop = 64;  // pixels of a training picture's side

/// A window of the same place for every picture. x (B, C, H, W) -> (B, C, side, side)
at::Tensor crop(const at::Tensor& x, int64_t top, int64_t left, int64_t side) {
  return x.narrow(2, top, side).narrow(3, left, side);
}

/// Enlarges true small pictures: upscaled, by the networks, and as they should be.
void paint_samples(const std::filesystem::path& png, const SuperResolutionNetworks& networks,
                   int64_t small_side, const Config& scheduler, const TrainOptions& options) {
  const at::NoGradGuard no_grad;
  world::Random random(0);
  const auto examples = random_examples(kSamples, random);
  const auto side = networks.side;
  const auto small = (2 * render_batch(examples, small_side) - 1).to(options.device);
  std::vector<uint64_t> seeds(kSamples);
  std::iota(seeds.begin(), seeds.end(), 0);
  NoiseSource noise(seeds);

  const auto painted =
      sample_super_resolution(networks, scheduler, small, noise, {.walk = {.steps = kSampleSteps}});
  const auto upscaled = resize_bicubic(small, side, side);
  const auto shown = (at::cat({upscaled, painted}).cpu() / 2 + 0.5).clamp(0, 1);
  write_sheet(png, at::cat({shown, render_batch(examples, side)}).unbind(), kSamples);
}

}  // namespace

void train_super_resolution(const TrainOptions& options) {
  const auto& part = options.part;
  const auto config = UNetConfig::from(Config::read(options.model / part / "config.json"));
  const auto small_side =
      UNetConfig::from(Config::read(options.model / "decoder/config.json")).sample_size;
  UNet network(config);
  prepare_module(*network, part, "diffusion_pytorch_model", options);
  const auto schedule = Config::read(options.model / "super_res_scheduler/scheduler_config.json");
  const Diffusion diffusion(schedule.require<int64_t>("num_train_timesteps"), options.device);
  const auto side = std::min(kCrop, config.sample_size);

  TrainingTask task{.name = part, .parts = {{part, "diffusion_pytorch_model", network.get()}}};
  task.paint_samples = [&](const std::filesystem::path& png) {
    // The last step's network cannot walk alone.
    auto first = network;
    if (part == kLastPart) {
      first = UNet(config);
      load_part(*first, "super_res_first", "diffusion_pytorch_model", options);
    }
    const SuperResolutionNetworks networks{
        .first = [&] { return SuperResolutionNetwork{.unet = first}; },
        .last = [&] { return SuperResolutionNetwork{.unet = network}; },
        .side = config.sample_size};
    paint_samples(png, networks, small_side, schedule, options);
  };
  task.prepare = [&](world::Random& random, int64_t count) -> Work {
    const auto examples = random_examples(count, random);
    const auto large = render_batch(examples, config.sample_size);
    const auto small = render_batch(examples, small_side);
    const auto room = config.sample_size - side + 1;
    const auto top = world::below(random, static_cast<int>(room));
    const auto left = world::below(random, static_cast<int>(room));
    return [&, large, small, top, left](at::Generator generator) {
      auto small_picture = 2 * small - 1;
      const auto strength = kSmallNoise * at::rand({small.size(0), 1, 1, 1}, generator);
      small_picture = small_picture + strength * at::randn(small.sizes(), generator);
      small_picture = small_picture.clamp(-1, 1).to(options.device);
      const auto upscaled = crop(
          resize_bicubic(small_picture, config.sample_size, config.sample_size), top, left, side);
      const auto x_0 = crop(2 * large.to(options.device) - 1, top, left, side);

      auto t = diffusion.random_timesteps(x_0.size(0), generator);
      if (part == kLastPart) t = t.remainder(kLastTimesteps);
      const auto eps = at::randn(x_0.sizes(), generator).to(options.device);
      const auto x_t = diffusion.add_noise(x_0, t, eps);
      const auto prediction = network(at::cat({x_t, upscaled}, 1), t, UNetContext{}).to(at::kFloat);
      const auto squared = at::mse_loss(prediction, x_0);
      const auto absolute = at::l1_loss(prediction, x_0);
      return Losses{.total = absolute, .figures = {{"squared", squared.detach()}}};
    };
  };
  train(task, options);
}

}  // namespace unclip::train
