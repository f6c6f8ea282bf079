#include "pipeline/preprocess.h"

#include <nlohmann/json.hpp>

#include "base/config.h"
#include "image/resize_8bit.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr int64_t kMostSide = 1 << 14;
constexpr int64_t kBicubic = 3;  // Pillow's number for it

/// Side by side as the JSON has them: a number, or an object with these keys, all equal or not.
std::vector<int64_t> sides(const Config& config, const std::string& key,
                           const std::vector<std::string>& names, int64_t otherwise) {
  if (!config.has(key)) return std::vector<int64_t>(names.size(), otherwise);
  const auto& json = config.json().at(key);
  std::vector<int64_t> found;
  for (const auto& name : names) {
    const auto& value = json.is_object() && json.size() == names.size() && json.contains(name)
                            ? json.at(name)
                            : json;
    const bool fits = value.is_number_integer() && value >= 1 && value <= kMostSide;
    if (!fits) {
      std::string wanted;
      for (const auto& each : names) wanted += (wanted.empty() ? "\"" : ", \"") + each + "\"";
      config.fail_value(key, "a number from 1 to " + std::to_string(kMostSide) +
                                 ", or an object of such with " + wanted);
    }
    found.push_back(value.get<int64_t>());
  }
  return found;
}

std::array<double, 3> three(const Config& config, const std::string& key,
                            const std::array<double, 3>& otherwise) {
  const auto values =
      config.value_or<std::vector<double>>(key, {otherwise.begin(), otherwise.end()});
  if (values.size() != 3) config.fail_value(key, "a list of three numbers");
  return {values[0], values[1], values[2]};
}

/// values as (3, 1, 1) float32
at::Tensor per_channel(const std::array<double, 3>& values) {
  return ops::tensor(at::ArrayRef<double>(values.data(), 3), at::kFloat).view({3, 1, 1});
}

}  // namespace

ImageProcessorConfig ImageProcessorConfig::from(const Config& config) {
  for (const auto* step : {"do_resize", "do_center_crop", "do_rescale", "do_normalize"}) {
    config.expect(step, true);
  }
  config.expect("resample", kBicubic);
  ImageProcessorConfig c;
  c.shortest_edge = sides(config, "size", {"shortest_edge"}, c.shortest_edge)[0];
  const auto crop = sides(config, "crop_size", {"height", "width"}, c.crop_height);
  c.crop_height = crop[0];
  c.crop_width = crop[1];
  if (std::max(c.crop_height, c.crop_width) > c.shortest_edge) {
    config.fail_value("crop_size", "at most 'size', " + std::to_string(c.shortest_edge));
  }
  c.rescale_factor = config.value_or("rescale_factor", c.rescale_factor);
  c.image_mean = three(config, "image_mean", c.image_mean);
  c.image_std = three(config, "image_std", c.image_std);
  for (const auto value : c.image_std) {
    if (!(value > 0)) config.fail_value("image_std", "a list of three numbers above 0");
  }
  return c;
}

at::Tensor preprocess(const at::Tensor& picture, const ImageProcessorConfig& config) {
  TORCH_CHECK(picture.dim() == 3 && picture.size(0) == 3 && picture.scalar_type() == at::kByte,
              "preprocess: expected an image of uint8 (3, H, W), got ", picture.sizes());
  const auto short_side = std::min(picture.size(1), picture.size(2));
  const auto height = config.shortest_edge * picture.size(1) / short_side;
  const auto width = config.shortest_edge * picture.size(2) / short_side;
  const auto resized = resize_bicubic_8bit(picture, height, width);

  const auto middle = resized.narrow(1, (height - config.crop_height) / 2, config.crop_height)
                          .narrow(2, (width - config.crop_width) / 2, config.crop_width);
  const auto scaled = middle.to(at::kFloat) * config.rescale_factor;
  return (scaled - per_channel(config.image_mean)) / per_channel(config.image_std);
}

}  // namespace unclip
