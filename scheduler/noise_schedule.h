#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace unclip {

/// The noise of every training timestep: T values of
///   beta(t), the variance that step t adds, and alpha_bar(t) = prod_{s <= t} (1 - beta(s)).
/// Ho et al. 2020, eqs. 2 and 4, https://arxiv.org/abs/2006.11239
///
/// Differs from the rule that coefficients are double: the published samplers store both as
/// float32, and with small betas that rounding is visible in the image. The schedules linear,
/// scaled_linear and cosine, and listed betas, are diffusers' bit for bit: the first two are
/// computed in float32, the others in double and rounded; the product is accumulated in double and
/// each entry rounded.
struct NoiseSchedule {
  std::vector<float> beta;
  std::vector<float> alpha_bar;

  int64_t num_train_timesteps() const { return static_cast<int64_t>(beta.size()); }
  /// sigma(t) / alpha(t) = sqrt((1 - alpha_bar(t)) / alpha_bar(t)), the noise for a signal of 1.
  double ratio(int64_t t) const;
  /// alpha_bar at t in [0, T - 1]; between two timesteps log ratio is interpolated linearly.
  double alpha_bar_at(double t) const;
  /// The t that has this ratio, clamped to [0, T - 1]: the inverse of ratio().
  double timestep_of(double ratio) const;
};

/// Parameters of noise schedules; each schedule reads only those that it has.
struct ScheduleOptions {
  int64_t num_train_timesteps = 1000;
  double beta_start = 0.0001;  // for linear, scaled_linear and sigmoid
  double beta_end = 0.02;
  std::filesystem::path file;  // for file
};

/// The names of all schedules, as used in commands and files.
std::vector<std::string> noise_schedule_names();
/// Makes the schedule of this name. Throws Error for an unknown name, whose message suggests the
/// nearest one, and for values that are no betas.
///   linear         beta(t) rises linearly from beta_start at t = 0 to beta_end at T - 1.
///                  Ho et al. 2020, section 4
///   scaled_linear  sqrt(beta(t)) rises linearly: what latent diffusion models call linear.
///                  Rombach et al. 2021, https://arxiv.org/abs/2112.10752, and its published code
///   cosine         alpha_bar(t) = cos^2((t / T + 0.008) / 1.008 * pi / 2), betas at most 0.999.
///                  Nichol & Dhariwal 2021, eq. 17, https://arxiv.org/abs/2102.09672
///   sigmoid        beta(t) rises from beta_start to beta_end as the logistic function of [-6, 6].
///                  Xu et al. 2022 (GeoDiff), https://arxiv.org/abs/2203.02923, and its code
///   exp            alpha_bar(t) = exp(-12 t / T), betas at most 0.999
///   laplace        log snr(t) = -1/2 sgn(1/2 - u) log(1 - 2 |u - 1/2|), u = t / T: the
///                  logarithm of the signal-to-noise ratio has Laplace's distribution.
///                  Hang & Gu 2024, table 1, https://arxiv.org/abs/2407.03297
///   file           read from a CSV or JSON file: see schedule_file.h
NoiseSchedule make_noise_schedule(const std::string& name, const ScheduleOptions& options = {});

NoiseSchedule cosine_schedule(int64_t num_train_timesteps);
NoiseSchedule linear_schedule(int64_t num_train_timesteps, double beta_start, double beta_end);
NoiseSchedule scaled_linear_schedule(int64_t num_train_timesteps, double beta_start,
                                     double beta_end);

/// The schedule with these betas, each in (0, 1), or with these alpha_bars, falling and each in (0,
/// 1). The last beta may be 1 and the last alpha_bar 0, which means that nothing of the sample is
/// left: that alpha_bar becomes 2^-24, or half of the one before if that is less, so that sigma
/// stays finite. Throws Error that begins with `name` for any other numbers.
NoiseSchedule schedule_of_betas(const std::vector<double>& betas, const std::string& name);
NoiseSchedule schedule_of_alpha_bars(const std::vector<double>& alpha_bars,
                                     const std::string& name);

/// The same schedule, scaled so that nothing of the sample is left at T - 1:
///   sqrt(alpha_bar'(t)) = (s(t) - s(T - 1)) s(0) / (s(0) - s(T - 1)),  s = sqrt(alpha_bar).
/// Lin et al. 2023, algorithm 1, https://arxiv.org/abs/2305.08891. Differs: alpha_bar'(T - 1) is
/// 2^-24 in place of 0, or less if it was less already or the alpha_bar before it is close to that,
/// so that sigma stays finite.
NoiseSchedule with_zero_terminal_snr(const NoiseSchedule& schedule);
/// The schedule for images of `side` pixels, made from one for images of `base` pixels:
///   log snr'(t) = log snr(t) + 2 log(base / side).
/// Hoogeboom et al. 2023, section 3.1, https://arxiv.org/abs/2301.11093
NoiseSchedule with_shifted_snr(const NoiseSchedule& schedule, double base, double side);

}  // namespace unclip
