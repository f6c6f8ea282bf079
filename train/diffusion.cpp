#include "train/diffusion.h"

#include <ATen/ATen.h>

#include "base/error.h"

namespace unclip::train {
namespace {

/// values (B), reshaped to (B, 1, ...) with the rank of x
at::Tensor per_row(const at::Tensor& values, const at::Tensor& x) {
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = -1;
  return values.view(shape);
}

}  // namespace

Diffusion::Diffusion(const SchedulerSpec& scheduler, at::Device device)
    : alpha_bar_(at::tensor(noise_schedule(scheduler.config).alpha_bar).to(device)) {
  if (scheduler.config.prediction_type != PredictionType::kSample) {
    fail(scheduler.file, ": 'prediction_type': expected \"sample\", the only one that is trained");
  }
  const auto snr = alpha_bar_ / (1 - alpha_bar_);
  weight_ = snr.clamp_max(5).sqrt();
  weight_ = weight_ / weight_.mean();
}

at::Tensor Diffusion::random_timesteps(int64_t count, const at::Generator& generator) const {
  return at::randint(alpha_bar_.size(0), {count}, generator, at::kLong).to(alpha_bar_.device());
}

at::Tensor Diffusion::add_noise(const at::Tensor& x_0, const at::Tensor& t,
                                const at::Tensor& eps) const {
  const auto a = per_row(alpha_bar_.index({t}), x_0);
  return a.sqrt() * x_0 + (1 - a).sqrt() * eps;
}

at::Tensor Diffusion::weight(const at::Tensor& t) const { return weight_.index({t}); }

at::Tensor Diffusion::variance_bound(const at::Tensor& f, const at::Tensor& x_0_error,
                                     const at::Tensor& t, const at::Tensor& stride) const {
  const auto s = t - stride;
  const auto a_t = alpha_bar_.index({t});
  const auto a_s = at::where(s.ge(0), alpha_bar_.index({s.clamp_min(0)}), at::ones_like(a_t));
  const auto beta = (1 - a_t / a_s).clamp_min(1e-8);
  const auto variance = ((1 - a_s) / (1 - a_t) * beta).clamp_min(1e-8);
  const auto mean_error = per_row(a_s.sqrt() * beta / (1 - a_t), x_0_error) * x_0_error;

  const auto true_log = per_row(variance.log(), f);
  const auto u = (f + 1) / 2;
  const auto model_log = u * per_row(beta.log(), f) + (1 - u) * true_log;
  return 0.5 * (model_log - true_log +
                (true_log.exp() + mean_error * mean_error) * (-model_log).exp() - 1);
}

}  // namespace unclip::train
