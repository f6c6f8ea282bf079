#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <string>

namespace unclip::cli {

/// From which PSNR in dB a file that loses something shows the same image: as one that has been
/// written in the same way, in which a rounding becomes larger, and as one without that loss.
constexpr double kSameLossPsnr = 45, kUsualLossPsnr = 28;

/// How two images differ, of values 0 ... 255.
struct Difference {
  int64_t largest = 0;
  int64_t values = 0;                                          ///< that differ
  int64_t of = 0;                                              ///< all
  double psnr = 0;                                             ///< dB
  double same_psnr = std::numeric_limits<double>::infinity();  ///< from which they are the same
  bool same_size = true;

  /// Up to rounding: batches and threads add up in another order, which is not another image.
  bool same() const;
};

/// a, b (3, H, W) uint8
Difference difference(const at::Tensor& a, const at::Tensor& b);

std::string in_words(const Difference& difference);

}  // namespace unclip::cli
