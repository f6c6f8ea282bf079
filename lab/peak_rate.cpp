#include "lab/peak_rate.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "kernels/tensor.h"

namespace unclip::lab {
namespace {

using Work = std::function<at::Tensor()>;

struct Trial {
  double operations = 0;
  Work work;
};

Trial product(int64_t n, const at::TensorOptions& options) {
  const auto a = ops::ones({n, n}, options);
  return {.operations = 2.0 * n * n * n, .work = [a] { return a.matmul(a); }};
}

Trial convolution(int64_t channels, const at::TensorOptions& options) {
  constexpr int64_t kSide = 64;
  const auto x =
      ops::ones({1, channels, kSide, kSide}, options).contiguous(at::MemoryFormat::ChannelsLast);
  const auto weight = ops::ones({channels, channels, 3, 3}, options);
  return {.operations = 2.0 * 9 * channels * channels * kSide * kSide,
          .work = [x, weight] { return ops::conv2d(x, weight, {}, 1, 1); }};
}

double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work().flatten()[0].item<float>();  // waits for a GPU
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The best rate of trials of growing size. They end with the first that takes long enough to be
/// measured: work of microseconds on one device takes minutes on another that has no fast kernel
/// for the type.
double best_rate(const std::function<Trial(int64_t)>& trial_of, int64_t smallest, int64_t largest) {
  constexpr double kLongEnough = 0.03;  // seconds
  constexpr int kRuns = 5;
  double best = 0;
  for (auto size = smallest; size <= largest; size *= 2) {
    const auto trial = trial_of(size);
    double seconds = seconds_of(trial.work);
    for (int i = 1; i < kRuns; ++i) seconds = std::min(seconds, seconds_of(trial.work));
    best = std::max(best, trial.operations / seconds);
    if (seconds > kLongEnough) break;
  }
  return best;
}

}  // namespace

double peak_rate(c10::ScalarType type, c10::Device device) {
  const auto options = at::dtype(type).device(device);
  return std::max(best_rate([&](int64_t n) { return product(n, options); }, 128, 8192),
                  best_rate([&](int64_t n) { return convolution(n, options); }, 64, 2048));
}

}  // namespace unclip::lab
