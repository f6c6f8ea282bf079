#include "scheduler/noise_schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/nearest_name.h"
#include "scheduler/aliases.h"
#include "scheduler/noise_level.h"
#include "scheduler/schedule_file.h"

namespace unclip {
namespace {

constexpr double kMostBeta = 0.999;
constexpr double kLastAlphaBar = 0x1p-24;

/// The alpha_bar used in place of 0 at a schedule's end, after the value `before`.
double last_alpha_bar(double before) { return std::min(kLastAlphaBar, before / 2); }

NoiseSchedule accumulated(std::vector<float> beta) {
  NoiseSchedule schedule{.beta = std::move(beta), .alpha_bar = {}};
  double product = 1;
  for (const float b : schedule.beta) {
    product *= static_cast<double>(1.0F - b);
    schedule.alpha_bar.push_back(static_cast<float>(product));
  }
  return schedule;
}

/// n evenly spaced values from `start` to `end`; only `start` if n is 1. They are those of
/// torch.linspace in float32 on processors with AVX2, bit for bit: it counts from the nearer end
/// and rounds each value once.
std::vector<float> evenly(double start, double end, int64_t n) {
  const auto first = static_cast<float>(start), last = static_cast<float>(end);
  const float step = n == 1 ? 0 : (last - first) / static_cast<float>(n - 1);
  std::vector<float> values;
  for (int64_t i = 0; i < n; ++i) {
    values.push_back(i < n / 2 || n == 1 ? std::fma(static_cast<float>(i), step, first)
                                         : std::fma(static_cast<float>(i + 1 - n), step, last));
  }
  return values;
}

// beta(t) = 1 - f((t + 1) / T) / f(t / T), where f is alpha_bar as a function on [0, 1].
template <class AlphaBar>
NoiseSchedule of_function(int64_t num_train_timesteps, const AlphaBar& f) {
  const double T = static_cast<double>(num_train_timesteps);
  std::vector<float> beta;
  for (int64_t t = 0; t < num_train_timesteps; ++t) {
    const double u = static_cast<double>(t) / T;
    const double next = static_cast<double>(t + 1) / T;
    beta.push_back(static_cast<float>(std::min(1 - f(next) / f(u), kMostBeta)));
  }
  return accumulated(std::move(beta));
}

NoiseSchedule sigmoid_schedule(int64_t T, double beta_start, double beta_end) {
  std::vector<float> beta;
  for (const float u : evenly(-6, 6, T)) {
    const double logistic = 1 / (1 + std::exp(-double{u}));
    beta.push_back(static_cast<float>(beta_start + (beta_end - beta_start) * logistic));
  }
  return accumulated(std::move(beta));
}

NoiseSchedule exp_schedule(int64_t T) {
  return of_function(T, [](double u) { return std::exp(-12 * u); });
}

NoiseSchedule laplace_schedule(int64_t T) {
  return of_function(T, [](double u) {
    constexpr double kScale = 0.5, kLeast = 1e-6;  // the logarithm's argument is 0 at both ends
    const double sign = u < 0.5 ? 1 : u > 0.5 ? -1 : 0;
    const double log_snr = -kScale * sign * std::log(std::max(1 - 2 * std::abs(u - 0.5), kLeast));
    return 1 / (1 + std::exp(-log_snr));
  });
}

struct ScheduleEntry {
  const char* name;
  NoiseSchedule (*make)(const ScheduleOptions&);
};

constexpr std::array kSchedules = {
    ScheduleEntry{"linear",
                  [](const ScheduleOptions& o) {
                    return linear_schedule(o.num_train_timesteps, o.beta_start, o.beta_end);
                  }},
    ScheduleEntry{"scaled_linear",
                  [](const ScheduleOptions& o) {
                    return scaled_linear_schedule(o.num_train_timesteps, o.beta_start, o.beta_end);
                  }},
    ScheduleEntry{"cosine",
                  [](const ScheduleOptions& o) { return cosine_schedule(o.num_train_timesteps); }},
    ScheduleEntry{"sigmoid",
                  [](const ScheduleOptions& o) {
                    return sigmoid_schedule(o.num_train_timesteps, o.beta_start, o.beta_end);
                  }},
    ScheduleEntry{"exp",
                  [](const ScheduleOptions& o) { return exp_schedule(o.num_train_timesteps); }},
    ScheduleEntry{"laplace",
                  [](const ScheduleOptions& o) { return laplace_schedule(o.num_train_timesteps); }},
    ScheduleEntry{"file", [](const ScheduleOptions& o) { return read_schedule(o.file); }},
};

/// Throws Error if nothing of a sample is left before the end, to the precision of float32.
NoiseSchedule with_signal(NoiseSchedule schedule, const std::string& name) {
  const auto none = std::find(schedule.alpha_bar.begin(), schedule.alpha_bar.end(), 0.0F);
  if (none != schedule.alpha_bar.end()) {
    fail(name, ": alpha_bar falls to 0 at timestep ", none - schedule.alpha_bar.begin(), " of ",
         schedule.num_train_timesteps(), "; expected smaller betas or fewer timesteps");
  }
  return schedule;
}

}  // namespace

double NoiseSchedule::ratio(int64_t t) const {
  const double a_t = alpha_bar[static_cast<size_t>(t)];
  return std::sqrt((1 - a_t) / a_t);
}

double NoiseSchedule::alpha_bar_at(double t) const {
  const double most = static_cast<double>(num_train_timesteps() - 1);
  const double below = std::floor(std::clamp(t, 0.0, most));
  const auto i = static_cast<int64_t>(below);
  const double part = std::clamp(t, 0.0, most) - below;
  if (part == 0) return alpha_bar[static_cast<size_t>(i)];
  return alpha_bar_of_ratio(
      std::exp((1 - part) * std::log(ratio(i)) + part * std::log(ratio(i + 1))));
}

double NoiseSchedule::timestep_of(double wanted) const {
  const auto T = num_train_timesteps();
  if (wanted <= ratio(0)) return 0;
  if (wanted >= ratio(T - 1)) return static_cast<double>(T - 1);
  int64_t low = 0, high = T - 1;  // ratio(low) <= wanted < ratio(high)
  while (high - low > 1) {
    const auto middle = (low + high) / 2;
    (ratio(middle) <= wanted ? low : high) = middle;
  }
  const double from = std::log(ratio(low)), to = std::log(ratio(high));
  return static_cast<double>(low) + (std::log(wanted) - from) / (to - from);
}

std::vector<std::string> noise_schedule_names() {
  std::vector<std::string> names;
  for (const auto& entry : kSchedules) names.emplace_back(entry.name);
  return names;
}

NoiseSchedule make_noise_schedule(const std::string& name, const ScheduleOptions& options) {
  if (options.num_train_timesteps < 1) {
    fail("timesteps of a schedule: expected 1 or more, got ", options.num_train_timesteps);
  }
  const auto meaning = schedule_meaning(name);
  for (const auto& entry : kSchedules) {
    if (meaning == entry.name) return with_signal(entry.make(options), "schedule " + name);
  }
  fail("there is no noise schedule '", name, "'; ", name_hint(name, noise_schedule_names()));
}

NoiseSchedule cosine_schedule(int64_t num_train_timesteps) {
  return of_function(num_train_timesteps, [](double u) {  // u = t / T in [0, 1]
    const double c = std::cos((u + 0.008) / 1.008 * std::numbers::pi / 2);
    return c * c;
  });
}

NoiseSchedule linear_schedule(int64_t num_train_timesteps, double beta_start, double beta_end) {
  return accumulated(evenly(beta_start, beta_end, num_train_timesteps));
}

NoiseSchedule scaled_linear_schedule(int64_t num_train_timesteps, double beta_start,
                                     double beta_end) {
  std::vector<float> beta;
  for (const float root : evenly(std::sqrt(beta_start), std::sqrt(beta_end), num_train_timesteps)) {
    beta.push_back(root * root);
  }
  return accumulated(std::move(beta));
}

NoiseSchedule schedule_of_betas(const std::vector<double>& betas, const std::string& name) {
  if (betas.empty()) fail(name, ": expected betas, got none");
  for (size_t t = 0; t < betas.size(); ++t) {
    const bool ends_in_noise = betas[t] == 1 && t > 0 && t + 1 == betas.size();
    if (!(betas[t] > 0 && betas[t] < 1) && !ends_in_noise) {
      fail(name, ": beta ", t, ": expected a number between 0 and 1, got ", betas[t]);
    }
  }
  auto schedule = accumulated({betas.begin(), betas.end()});
  if (betas.size() > 1 && betas.back() == 1) {
    schedule.alpha_bar.back() =
        static_cast<float>(last_alpha_bar(schedule.alpha_bar[betas.size() - 2]));
  }
  return with_signal(std::move(schedule), name);
}

NoiseSchedule schedule_of_alpha_bars(const std::vector<double>& alpha_bars,
                                     const std::string& name) {
  if (alpha_bars.empty()) fail(name, ": expected alpha_bars, got none");
  NoiseSchedule schedule;
  double before = 1;
  for (size_t t = 0; t < alpha_bars.size(); ++t) {
    const bool ends_in_noise = alpha_bars[t] == 0 && t > 0 && t + 1 == alpha_bars.size();
    const double alpha_bar = ends_in_noise ? last_alpha_bar(before) : alpha_bars[t];
    if (!(alpha_bar > 0 && alpha_bar < before)) {
      fail(name, ": alpha_bar ", t, ": expected a number between 0 and ", before,
           t == 0 ? "" : ", the one before", ", got ", alpha_bars[t]);
    }
    schedule.beta.push_back(static_cast<float>(1 - alpha_bar / before));
    schedule.alpha_bar.push_back(static_cast<float>(alpha_bar));
    before = alpha_bar;
  }
  return schedule;
}

NoiseSchedule with_zero_terminal_snr(const NoiseSchedule& schedule) {
  if (schedule.num_train_timesteps() < 2) fail("a schedule of one timestep cannot be stretched");
  const double first = std::sqrt(static_cast<double>(schedule.alpha_bar.front()));
  const double last = std::sqrt(static_cast<double>(schedule.alpha_bar.back()));
  std::vector<double> stretched;
  for (const double a : schedule.alpha_bar) {
    const double s = (std::sqrt(a) - last) * first / (first - last);
    stretched.push_back(s * s);
  }
  stretched.back() = std::min(last_alpha_bar(stretched[stretched.size() - 2]),
                              static_cast<double>(schedule.alpha_bar.back()));
  return schedule_of_alpha_bars(stretched, "the schedule with zero terminal SNR");
}

NoiseSchedule with_shifted_snr(const NoiseSchedule& schedule, double base, double side) {
  const double factor = (base / side) * (base / side);  // on the signal-to-noise ratio
  std::vector<double> shifted;
  for (const double a : schedule.alpha_bar) {
    const double snr = a / (1 - a) * factor;
    shifted.push_back(snr / (1 + snr));
  }
  return schedule_of_alpha_bars(shifted, "the shifted schedule");
}

}  // namespace unclip
