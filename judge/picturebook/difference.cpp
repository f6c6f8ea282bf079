#include "judge/picturebook/difference.h"

#include <algorithm>
#include <cmath>

namespace unclip::judge::picturebook {

Difference::Difference(const Raster& difference, const Mask& shown) {
  Level first{kSide, difference};
  for (int p = 0; p < kPixels; ++p) {
    if (!shown[p]) first.values[p] = {};
    for (const float value : first.values[p]) energy_ += value * value;
  }
  levels_.push_back(std::move(first));
  for (int side = kSide / 2; side >= kSide / 4; side /= 2) {
    const auto& above = levels_.back().values;
    Level level{side, std::vector<Rgb>(static_cast<size_t>(side) * side)};
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        for (int k = 0; k < 4; ++k) {
          const Rgb& part = above[static_cast<size_t>(2 * y + k / 2) * 2 * side + 2 * x + k % 2];
          for (size_t c = 0; c < 3; ++c)
            level.values[static_cast<size_t>(y) * side + x][c] += part[c] / 4;
        }
      }
    }
    levels_.push_back(std::move(level));
  }
}

Rgb Difference::sample(double x, double y, double step) const {
  size_t k = 0;
  while (k + 1 < levels_.size() && step * levels_[k].side > 1.9) ++k;
  const Level& level = levels_[k];
  const auto u = static_cast<float>(x * level.side - 0.5),
             v = static_cast<float>(y * level.side - 0.5);
  const float left = std::floor(u), top = std::floor(v);
  const int i = static_cast<int>(left), j = static_cast<int>(top);
  Rgb sum = {};
  if (i < -1 || j < -1 || i >= level.side || j >= level.side) return sum;
  for (int corner = 0; corner < 4; ++corner) {
    const int a = std::clamp(i + corner % 2, 0, level.side - 1);
    const int b = std::clamp(j + corner / 2, 0, level.side - 1);
    const float weight =
        (corner % 2 ? u - left : 1 - u + left) * (corner / 2 ? v - top : 1 - v + top);
    const Rgb& value = level.values[static_cast<size_t>(b) * level.side + a];
    for (size_t c = 0; c < 3; ++c) sum[c] += weight * value[c];
  }
  return sum;
}

Raster subtract(const Raster& raster, const Backdrop& backdrop) {
  Raster difference = raster;
  for (int p = 0; p < kPixels; ++p) {
    for (size_t c = 0; c < 3; ++c) difference[p][c] -= backdrop.rows[p / kSide][c];
  }
  return difference;
}

}  // namespace unclip::judge::picturebook
