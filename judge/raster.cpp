#include "judge/raster.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "judge/judge.h"

namespace unclip::judge {

namespace {

// Keys 1981, cubic convolution with a = -1/2.
double cubic(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

struct Tap {
  int from;
  float weight;
};

// For each of kSide places, the source pixels that it is computed from, with weights that sum to 1.
std::vector<std::vector<Tap>> taps(int length) {
  const double scale = static_cast<double>(length) / kSide;
  const double stretch = std::max(1.0, scale);
  std::vector<std::vector<Tap>> all(kSide);
  for (int i = 0; i < kSide; ++i) {
    const double centre = (i + 0.5) * scale - 0.5;
    double sum = 0;
    for (int j = static_cast<int>(std::ceil(centre - 2 * stretch)); j <= centre + 2 * stretch;
         ++j) {
      const double weight = cubic((j - centre) / stretch);
      all[i].push_back({std::clamp(j, 0, length - 1), static_cast<float>(weight)});
      sum += weight;
    }
    for (auto& tap : all[i]) tap.weight /= static_cast<float>(sum);
  }
  return all;
}

// Visits the pixels around `pixel`: 4 of them, or 8.
template <class Visit>
void for_neighbours(int pixel, int count, Visit visit) {
  static constexpr int kDx[] = {1, -1, 0, 0, 1, 1, -1, -1};
  static constexpr int kDy[] = {0, 0, 1, -1, 1, -1, 1, -1};
  const int x = pixel % kSide, y = pixel / kSide;
  for (int k = 0; k < count; ++k) {
    const int u = x + kDx[k], v = y + kDy[k];
    if (u >= 0 && v >= 0 && u < kSide && v < kSide) visit(v * kSide + u);
  }
}

// The pixels that are connected with `start` and have its value.
std::vector<int> flood(const Mask& mask, int start, int neighbours, Mask& visited) {
  std::vector<int> found = {start};
  visited[start] = 1;
  for (size_t i = 0; i < found.size(); ++i) {
    for_neighbours(found[i], neighbours, [&](int next) {
      if (visited[next] || mask[next] != mask[start]) return;
      visited[next] = 1;
      found.push_back(next);
    });
  }
  return found;
}

}  // namespace

Raster resample(const Picture& picture) {
  const int w = picture.width, h = picture.height;
  if (w < 16 || h < 16 || w > 4096 || h > 4096 || !picture.rgb_chw) {
    fail("a picture of ", w, "x", h, " cannot be judged; 16x16 to 4096x4096 can");
  }
  const float* values = picture.rgb_chw;
  const size_t plane = static_cast<size_t>(w) * h;
  if (!std::all_of(values, values + 3 * plane, [](float v) { return std::isfinite(v); })) {
    fail("a picture with values that are not finite cannot be judged");
  }
  const auto columns = taps(w), rows = taps(h);
  Raster out(kPixels);
  std::vector<float> wide(static_cast<size_t>(h) * kSide);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < h; ++y) {
      const float* row = values + c * plane + static_cast<size_t>(y) * w;
      for (int x = 0; x < kSide; ++x) {
        float sum = 0;
        for (const Tap& tap : columns[x]) sum += tap.weight * std::clamp(row[tap.from], 0.f, 1.f);
        wide[static_cast<size_t>(y) * kSide + x] = sum;
      }
    }
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        float sum = 0;
        for (const Tap& tap : rows[y]) {
          sum += tap.weight * wide[static_cast<size_t>(tap.from) * kSide + x];
        }
        out[y * kSide + x][c] = std::clamp(sum, 0.f, 1.f);
      }
    }
  }
  return out;
}

Raster smoothed(const Raster& raster) {
  Raster out(kPixels);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      Rgb sum = {};
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          const int u = std::clamp(x + dx, 0, kSide - 1), v = std::clamp(y + dy, 0, kSide - 1);
          const auto weight = static_cast<float>((2 - std::abs(dx)) * (2 - std::abs(dy))) / 16;
          for (int c = 0; c < 3; ++c) sum[c] += weight * raster[v * kSide + u][c];
        }
      }
      out[y * kSide + x] = sum;
    }
  }
  return out;
}

Mask eroded(const Mask& mask, int steps) {
  Mask out = mask;
  for (int i = 0; i < steps; ++i) {
    const Mask before = out;
    for (int p = 0; p < kPixels; ++p) {
      if (before[p]) for_neighbours(p, 4, [&](int next) { out[p] &= before[next]; });
    }
  }
  return out;
}

Mask grown(const Mask& mask) {
  Mask out = mask;
  for (int p = 0; p < kPixels; ++p) {
    if (mask[p]) for_neighbours(p, 4, [&](int next) { out[next] = 1; });
  }
  return out;
}

int area(const Mask& mask) { return std::accumulate(mask.begin(), mask.end(), 0); }

std::vector<Mask> components(const Mask& mask) {
  std::vector<std::vector<int>> parts;
  Mask visited(kPixels, 0);
  for (int p = 0; p < kPixels; ++p) {
    if (!mask[p] || visited[p]) continue;
    auto part = flood(mask, p, 8, visited);
    if (part.size() >= kLeastArea) parts.push_back(std::move(part));
  }
  std::sort(parts.begin(), parts.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::vector<Mask> out;
  for (const auto& part : parts) {
    out.emplace_back(kPixels, 0);
    for (int p : part) out.back()[p] = 1;
  }
  return out;
}

Mask without_small_holes(const Mask& mask, double share) {
  const double limit = share * area(mask);
  Mask out = mask, visited(kPixels, 0);
  for (int p = 0; p < kPixels; ++p) {
    if (mask[p] || visited[p]) continue;
    const auto hole = flood(mask, p, 4, visited);
    const bool reaches_frame = std::any_of(hole.begin(), hole.end(), [](int q) {
      const int x = q % kSide, y = q / kSide;
      return x == 0 || y == 0 || x == kSide - 1 || y == kSide - 1;
    });
    if (reaches_frame || static_cast<double>(hole.size()) >= limit) continue;
    for (int q : hole) out[q] = 1;
  }
  return out;
}

}  // namespace unclip::judge
