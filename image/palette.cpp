#include "image/palette.h"

#include <algorithm>
#include <limits>

#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr size_t kMostColours = 256;

using Colour = std::array<uint8_t, 3>;

/// A colour, and the number of pixels that have it.
struct Counted {
  Colour colour;
  int64_t pixels;
};

std::vector<Colour> colours_of(const at::Tensor& image) {
  const auto planes = image.contiguous();  // (3, H, W)
  const auto* red = planes.const_data_ptr<uint8_t>();
  const auto size = static_cast<size_t>(planes[0].numel());
  std::vector<Colour> colours(size);
  for (size_t i = 0; i < size; ++i) colours[i] = {red[i], red[size + i], red[2 * size + i]};
  return colours;
}

/// Each colour once, sorted.
std::vector<Counted> counted(std::vector<Colour> colours) {
  std::sort(colours.begin(), colours.end());
  std::vector<Counted> result;
  for (const auto& colour : colours) {
    if (result.empty() || result.back().colour != colour) result.push_back({colour, 0});
    ++result.back().pixels;
  }
  return result;
}

/// A set of colours that one colour of the palette replaces.
class Box {
 public:
  Box(Counted* begin, Counted* end) : begin_(begin), end_(end) {
    for (const auto* it = begin; it != end; ++it) pixels_ += it->pixels;
    for (size_t c = 0; c < 3; ++c) {
      double sum = 0, squares = 0;
      for (const auto* it = begin; it != end; ++it) {
        const double x = it->colour[c], n = static_cast<double>(it->pixels);
        sum += n * x;
        squares += n * x * x;
      }
      mean_[c] = sum / static_cast<double>(pixels_);
      error_[c] = begin + 1 == end ? 0 : squares - sum * mean_[c];
    }
  }

  /// The sum of its pixels' squared distances from their mean.
  double error() const { return error_[0] + error_[1] + error_[2]; }
  Colour mean() const {
    Colour colour;
    for (size_t c = 0; c < 3; ++c) colour[c] = static_cast<uint8_t>(mean_[c] + 0.5);
    return colour;
  }
  /// Splits the box along its longest side: keeps half of the pixels and returns the others.
  Box split() {
    const auto c =
        static_cast<size_t>(std::max_element(error_.begin(), error_.end()) - error_.begin());
    std::sort(begin_, end_,
              [c](const Counted& a, const Counted& b) { return a.colour[c] < b.colour[c]; });
    auto* middle = begin_;
    for (int64_t before = 0; 2 * before < pixels_; ++middle) before += middle->pixels;
    middle = std::clamp(middle, begin_ + 1, end_ - 1);
    const Box rest(middle, end_);
    *this = Box(begin_, middle);
    return rest;
  }

 private:
  Counted *begin_, *end_;
  int64_t pixels_ = 0;
  std::array<double, 3> mean_{}, error_{};
};

/// Median cut, Heckbert 1982, section 4.2, https://doi.org/10.1145/965145.801294
/// Differs from it: each step splits the box with the largest squared error, along the axis with
/// the largest part of it, as in Wan et al. 1990, https://doi.org/10.1002/col.5080150109
/// giflib's own function, GifQuantizeBuffer, is not used because it has 5 bits per channel and
/// tints white.
std::vector<Colour> chosen_colours(std::vector<Counted> colours) {
  std::vector<Box> boxes = {{colours.data(), colours.data() + colours.size()}};
  while (boxes.size() < kMostColours) {
    const auto worst = std::max_element(boxes.begin(), boxes.end(), [](const Box& a, const Box& b) {
      return a.error() < b.error();
    });
    if (worst->error() <= 0) break;
    const auto rest = worst->split();
    boxes.push_back(rest);
  }
  std::vector<Colour> chosen;
  for (const auto& box : boxes) chosen.push_back(box.mean());
  return chosen;
}

uint8_t nearest(const Colour& colour, const std::vector<Colour>& chosen) {
  size_t best = 0;
  int least = std::numeric_limits<int>::max();
  for (size_t i = 0; i < chosen.size(); ++i) {
    int distance = 0;
    for (size_t c = 0; c < 3; ++c) {
      distance += (colour[c] - chosen[i][c]) * (colour[c] - chosen[i][c]);
    }
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return static_cast<uint8_t>(best);
}

}  // namespace

PalettePicture with_palette(const at::Tensor& image) {
  TORCH_CHECK(image.dim() == 3 && image.size(0) == 3 && image.numel() > 0 &&
                  image.scalar_type() == at::kByte,
              "with_palette: expected an image (3, H, W) of bytes, got ", image.scalar_type(), ' ',
              image.sizes());
  const auto pixels = colours_of(image);
  const auto all = counted(pixels);
  PalettePicture picture{.colours = chosen_colours(all)};
  std::vector<uint8_t> nearest_of_all;
  for (const auto& each : all) nearest_of_all.push_back(nearest(each.colour, picture.colours));
  for (const auto& pixel : pixels) {
    const auto found =
        std::lower_bound(all.begin(), all.end(), pixel,
                         [](const Counted& a, const Colour& b) { return a.colour < b; });
    picture.pixels.push_back(nearest_of_all[static_cast<size_t>(found - all.begin())]);
  }
  return picture;
}

}  // namespace unclip
