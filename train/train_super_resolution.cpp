#include "train/train_super_resolution.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <numeric>

#include "base/config.h"
#include "families/karlo/super_resolution.h"
#include "image/resize.h"
#include "nn/noise_source.h"
#include "train/diffusion.h"
#include "train/sheet.h"
#include "train/training_world.h"
#include "unet/unet.h"

namespace unclip::train {
namespace {

constexpr double kSmallNoise = 0.06;    // the largest, for values in [-1, 1]
constexpr int64_t kLastTimesteps = 25;  // timesteps on which the last step's network is trained
constexpr auto kLastPart = "super_res_last";
constexpr int64_t kEnlargedSamples = 8;  // on a sheet
constexpr int64_t kSampleSteps = 7;
constexpr int64_t kCrop = 64;  // side of a training image in pixels
// A window whose values deviate less than this is plain: there is little to learn from it.
constexpr double kPlainDeviation = 0.03;
constexpr double kSkipPlain = 0.8;
constexpr int kMostTries = 20;

/// The upper left corner of a training image in the whole image.
struct Window {
  int64_t top, left;
};

/// image (C, H, W) -> (C, side, side)
at::Tensor cut(const at::Tensor& image, const Window& window, int64_t side) {
  return image.narrow(1, window.top, side).narrow(2, window.left, side);
}

/// A window of each image. x (B, C, H, W) -> (B, C, side, side)
at::Tensor crop(const at::Tensor& x, const std::vector<Window>& windows, int64_t side) {
  std::vector<at::Tensor> parts;
  for (size_t i = 0; i < windows.size(); ++i) {
    parts.push_back(cut(x[static_cast<int64_t>(i)], windows[i], side));
  }
  return at::stack(parts);
}

/// A random window for each image; plain ones are less likely. x (B, C, H, W)
std::vector<Window> random_windows(const at::Tensor& x, int64_t side, world::Random& random) {
  const auto room = static_cast<int>(x.size(2) - side + 1);
  std::vector<Window> windows;
  for (int64_t i = 0; i < x.size(0); ++i) {
    Window window{};
    for (int attempt = 0; attempt < kMostTries; ++attempt) {
      window = {world::below(random, room), world::below(random, room)};
      const auto deviation = cut(x[i], window, side).flatten(1).std(1).max().item<double>();
      if (deviation >= kPlainDeviation || !world::chance(random, kSkipPlain)) break;
    }
    windows.push_back(window);
  }
  return windows;
}

/// A sheet of rendered small images in three versions: upscaled, enlarged by the networks, and
/// rendered at the large size.
void paint_enlarged(const std::filesystem::path& png, const TrainingWorld& world,
                    const karlo::SuperResolutionNetworks& networks, int64_t small_side,
                    const Config& scheduler, const TrainOptions& options) {
  const at::NoGradGuard no_grad;
  world::Random random(0);
  const auto scenes = world.random_scenes(kEnlargedSamples, random);
  const auto side = networks.side;
  const auto small = (2 * scenes->render(small_side) - 1).to(options.device);
  std::vector<uint64_t> seeds(kEnlargedSamples);
  std::iota(seeds.begin(), seeds.end(), 0);
  NoiseSource noise(seeds);

  const auto painted = karlo::sample_super_resolution(
      networks, small, noise, {.scheduler = scheduler, .walk = {.steps = kSampleSteps}});
  const auto upscaled = resize_bicubic(small, side, side);
  const auto shown = (at::cat({upscaled, painted}).cpu() / 2 + 0.5).clamp(0, 1);
  write_sheet(png, at::cat({shown, scenes->render(side)}).unbind(), kEnlargedSamples);
}

}  // namespace

void train_super_resolution(const TrainOptions& options) {
  const auto& part = options.part;
  const auto config = UNetConfig::from(Config::read(options.model / part / "config.json"));
  const auto small_side =
      UNetConfig::from(Config::read(options.model / "decoder/config.json")).sample_size;
  const auto network = std::make_shared<UNet>(config);
  prepare_module(*network, part, "diffusion_pytorch_model", options);
  const auto schedule = Config::read(options.model / "super_res_scheduler/scheduler_config.json");
  const Diffusion diffusion(schedule, options.device);
  const auto side = std::min(kCrop, config.sample_size);

  const auto& world = world_of_model(options.model);
  TrainingTask task{.name = part, .parts = {{part, "diffusion_pytorch_model", network.get()}}};
  task.paint_samples = [&](const std::filesystem::path& png) {
    // The last step's network cannot sample without the first.
    auto first = network;
    if (part == kLastPart) {
      first = std::make_shared<UNet>(config);
      load_part(*first, "super_res_first", "diffusion_pytorch_model", options);
    }
    const karlo::SuperResolutionNetworks networks{
        .first = [&] { return karlo::SuperResolutionNetwork{.unet = first}; },
        .last = [&] { return karlo::SuperResolutionNetwork{.unet = network}; },
        .side = config.sample_size};
    paint_enlarged(png, world, networks, small_side, schedule, options);
  };
  task.prepare = [&](world::Random& random, int64_t count) -> Work {
    const auto scenes = world.random_scenes(count, random);
    const auto large = scenes->render(config.sample_size);
    const auto small = scenes->render(small_side);
    const auto windows = random_windows(large, side, random);
    return [&, large, small, windows](at::Generator generator) {
      auto small_picture = 2 * small - 1;
      const auto strength = kSmallNoise * at::rand({small.size(0), 1, 1, 1}, generator);
      small_picture = small_picture + strength * at::randn(small.sizes(), generator);
      small_picture = small_picture.clamp(-1, 1).to(options.device);
      const auto upscaled = crop(
          resize_bicubic(small_picture, config.sample_size, config.sample_size), windows, side);
      const auto x_0 = crop(2 * large.to(options.device) - 1, windows, side);

      auto t = diffusion.random_timesteps(x_0.size(0), generator);
      if (part == kLastPart) t = t.remainder(kLastTimesteps);
      const auto eps = at::randn(x_0.sizes(), generator).to(options.device);
      const auto x_t = diffusion.add_noise(x_0, t, eps);
      const auto prediction =
          network->forward(at::cat({x_t, upscaled}, 1), t, UNetContext{}).to(at::kFloat);
      const auto squared = at::mse_loss(prediction, x_0);
      const auto absolute = at::l1_loss(prediction, x_0);
      return Losses{.total = absolute, .figures = {{"squared", squared.detach()}}};
    };
  };
  train(task, options);
}

}  // namespace unclip::train
