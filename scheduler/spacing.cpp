#include "scheduler/spacing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "base/error.h"
#include "base/nearest_name.h"

namespace unclip {
namespace {

struct SpacingEntry {
  const char* name;
  TimestepSpacing spacing;
};
constexpr std::array kSpacings = {
    SpacingEntry{"leading", TimestepSpacing::kLeading},
    SpacingEntry{"linspace", TimestepSpacing::kLinspace},
    SpacingEntry{"trailing", TimestepSpacing::kTrailing},
    SpacingEntry{"unclip", TimestepSpacing::kLinspace},
    SpacingEntry{"karras", TimestepSpacing::kKarras},
    SpacingEntry{"exponential", TimestepSpacing::kExponential},
    SpacingEntry{"beta", TimestepSpacing::kBeta},
    SpacingEntry{"logsnr", TimestepSpacing::kLogSnr},
};

// Rounds half to even, as nearbyint does.
int64_t rounded(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

int64_t timestep_at(TimestepSpacing spacing, int64_t T, int64_t n, int64_t j) {
  const double j_real = static_cast<double>(j);
  switch (spacing) {
    case TimestepSpacing::kLeading:
      return j * (T / n);  // whole numbers: floor(T / n)
    case TimestepSpacing::kTrailing:
      return rounded((j_real + 1) * static_cast<double>(T) / static_cast<double>(n)) - 1;
    default:
      break;
  }
  if (n == 1) return T - 1;
  const double ratio = static_cast<double>(T - 1) / static_cast<double>(n - 1);
  return rounded(j_real * ratio);
}

std::vector<NoiseLevel> of_timesteps(const NoiseSchedule& schedule,
                                     const std::vector<double>& timesteps) {
  std::vector<NoiseLevel> levels;
  for (const double t : timesteps) {
    levels.push_back({.timestep = t, .alpha_bar = schedule.alpha_bar_at(t)});
  }
  return levels;
}

/// n levels with the ratios ratio(u), where u = i / of for level i rises from 0 to at most 1.
std::vector<NoiseLevel> of_ratios(const NoiseSchedule& schedule, int64_t n, int64_t of,
                                  const std::function<double(double)>& ratio) {
  std::vector<NoiseLevel> levels;
  for (int64_t i = 0; i < n; ++i) {
    const double r = ratio(of == 0 ? 0 : static_cast<double>(i) / static_cast<double>(of));
    levels.push_back({.timestep = schedule.timestep_of(r), .alpha_bar = alpha_bar_of_ratio(r)});
  }
  return levels;
}

/// The listed levels, as n levels: if there are more or fewer, log ratio is interpolated.
std::vector<NoiseLevel> in_steps(const NoiseSchedule& schedule,
                                 const std::vector<NoiseLevel>& levels, int64_t n,
                                 const char* what) {
  if (static_cast<int64_t>(levels.size()) == n) return levels;
  if (levels.size() < 2) {
    fail("one ", what, " is listed: expected two or more for ", n, " steps");
  }
  return of_ratios(schedule, n, n - 1, [&](double u) {
    const double way = u * static_cast<double>(levels.size() - 1);
    const auto i = std::min(static_cast<size_t>(way), levels.size() - 2);
    const double part = way - static_cast<double>(i);
    return std::exp((1 - part) * std::log(levels[i].ratio()) +
                    part * std::log(levels[i + 1].ratio()));
  });
}

std::vector<NoiseLevel> listed(const NoiseSchedule& schedule, const std::vector<double>& list,
                               int64_t n) {
  const double last = static_cast<double>(schedule.num_train_timesteps() - 1);
  double before = last + 1;
  for (const double t : list) {
    if (!(t >= 0 && t <= last && t < before)) {
      fail("timesteps: expected falling numbers from ", last, " to 0, got ", t);
    }
    before = t;
  }
  return in_steps(schedule, of_timesteps(schedule, list), n, "timestep");
}

std::vector<NoiseLevel> listed_sigmas(const NoiseSchedule& schedule,
                                      const std::vector<double>& sigmas, int64_t n) {
  std::vector<NoiseLevel> levels;
  double before = std::numeric_limits<double>::infinity();
  for (const double& sigma : sigmas) {
    const bool end = &sigma == &sigmas.back();
    if (!(sigma < before && (end ? sigma >= 0 : sigma > 0))) {
      fail("sigmas: expected falling numbers above 0, and last the one where the run ends, got ",
           sigma);
    }
    before = sigma;
    if (!end) {
      levels.push_back(
          {.timestep = schedule.timestep_of(sigma), .alpha_bar = alpha_bar_of_ratio(sigma)});
    }
  }
  if (levels.empty()) fail("sigmas: expected two numbers or more, got ", sigmas.size());
  return in_steps(schedule, levels, n, "sigma");
}

/// The continued fraction of the incomplete beta function, by Lentz's algorithm. DLMF 8.17.22,
/// https://dlmf.nist.gov/8.17.E22
double beta_fraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m <= 500; ++m) {
    for (const bool odd : {false, true}) {
      const double e = odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                           : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / away_from_zero(1 + e * d);
      c = away_from_zero(1 + e / c);
      h *= c * d;
    }
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return h;
}

/// The distribution function of Beta(a, b). DLMF 8.17.20 and 8.17.4
double beta_distribution(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                   : 1 - front * beta_fraction(1 - x, b, a) / b;
}

}  // namespace

void expect_steps(int64_t n, int64_t most) {
  if (n < 1 || n > most) fail("steps: expected 1 to ", most, ", got ", n);
}

std::vector<std::string> timestep_spacing_names() {
  std::vector<std::string> names;
  for (const auto& entry : kSpacings) names.emplace_back(entry.name);
  return names;
}

TimestepSpacing timestep_spacing_named(const std::string& name) {
  for (const auto& entry : kSpacings) {
    if (name == entry.name) return entry.spacing;
  }
  fail("there is no spacing '", name, "'; ", name_hint(name, timestep_spacing_names()));
}

int64_t timesteps_within(const NoiseSchedule& schedule, double sigma_max) {
  const auto T = schedule.num_train_timesteps();
  if (sigma_max == 0) return T;
  if (!(sigma_max > schedule.ratio(0))) {
    fail("sigma_max: expected a number above ", schedule.ratio(0),
         ", that of the schedule's first timestep, got ", sigma_max);
  }
  return std::min(T, static_cast<int64_t>(std::floor(schedule.timestep_of(sigma_max))) + 1);
}

std::vector<int64_t> walk_timesteps(TimestepSpacing spacing, int64_t num_train_timesteps, int64_t n,
                                    int64_t offset) {
  expect_steps(n, num_train_timesteps);
  std::vector<int64_t> timesteps;
  for (int64_t j = n - 1; j >= 0; --j) {
    timesteps.push_back(timestep_at(spacing, num_train_timesteps, n, j) +
                        (spacing == TimestepSpacing::kLeading ? offset : 0));
  }
  if (timesteps.front() >= num_train_timesteps) {
    fail("'steps_offset': expected a run of ", n, " steps to begin at ", num_train_timesteps - 1,
         " or below, got ", timesteps.front(), " with an offset of ", offset);
  }
  return timesteps;
}

std::vector<NoiseLevel> walk_levels(const NoiseSchedule& schedule, int64_t n,
                                    const SpacingOptions& options) {
  const auto T = schedule.num_train_timesteps();
  expect_steps(n, T);
  if (!options.sigmas.empty()) return listed_sigmas(schedule, options.sigmas, n);
  if (!options.timesteps.empty()) return listed(schedule, options.timesteps, n);
  const auto within = timesteps_within(schedule, options.sigma_max);
  const double least = schedule.ratio(0);
  const double most = options.sigma_max > 0 ? std::min(schedule.ratio(T - 1), options.sigma_max)
                                            : schedule.ratio(T - 1);
  const auto log_evenly = [&](double u) { return most * std::pow(least / most, u); };
  switch (options.spacing) {
    case TimestepSpacing::kKarras: {
      if (!(options.rho > 0)) fail("rho: expected a number above 0, got ", options.rho);
      const double from = std::pow(most, 1 / options.rho), to = std::pow(least, 1 / options.rho);
      return of_ratios(schedule, n, n - 1,
                       [&](double u) { return std::pow(from + u * (to - from), options.rho); });
    }
    case TimestepSpacing::kExponential:
      return of_ratios(schedule, n, n - 1, log_evenly);
    case TimestepSpacing::kLogSnr:
      return of_ratios(schedule, n, n, log_evenly);
    case TimestepSpacing::kBeta: {
      std::vector<double> timesteps;
      for (int64_t i = 0; i < n; ++i) {
        const double u = n == 1 ? 0 : static_cast<double>(i) / static_cast<double>(n - 1);
        timesteps.push_back(beta_quantile(1 - u, 0.6, 0.6) * static_cast<double>(within - 1));
      }
      return of_timesteps(schedule, timesteps);
    }
    default:
      break;
  }
  const auto whole = walk_timesteps(options.spacing, within, n, options.offset);
  return of_timesteps(schedule, {whole.begin(), whole.end()});
}

double beta_quantile(double p, double a, double b) {
  double low = 0, high = 1;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (beta_distribution(middle, a, b) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace unclip
