#include "lab/convergence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/csv.h"
#include "base/error.h"
#include "kernels/tensor.h"
#include "lab/gnuplot.h"
#include "lab/mixture_world.h"
#include "lab/plot_style.h"
#include "nn/noise_source.h"

namespace unclip::lab {
namespace {

constexpr double kChance = 0.0015;  // the random part of distribution_error()

struct World {
  const char* name;
  std::vector<MixtureWorld::Part> parts;
};

const std::array<World, 2>& worlds() {
  static const std::array<World, 2> worlds = {World{"gaussian", {{1, 0.4, 0.5}}},
                                              World{"two", {{0.6, -0.8, 0.5}, {0.4, 0.9, 0.4}}}};
  return worlds;
}

/// The last step leads to a level that still has noise, so that it is like the others.
Config config() {
  return Config::parse(R"({"_class_name": "DDIMScheduler", "prediction_type": "sample",
      "clip_sample": false, "set_alpha_to_one": false})",
                       "scheduler_config.json");
}

/// The result of a sampling run.
struct Walked {
  at::Tensor x_T, end;
  double from, to;  // alpha_bar of the first and the last level
  bool drew_noise;
};

Walked walked(const std::string& text, const MixtureWorld& world, int64_t steps,
              const std::function<at::Tensor(double alpha_bar)>& x_T) {
  auto walk = read_walk(text);
  walk.steps = steps;
  if (walk.spacing.empty() && walk.sigmas.empty()) walk.spacing = "logsnr";
  const auto scheduler = make_scheduler(config(), walk);
  NoiseSource noise({1});
  if (scheduler->timesteps().size() > 1 &&
      scheduler->level(1).alpha_bar < scheduler->level(0).alpha_bar) {
    fail("'", text, "' leads to noise; expected a sampler that leads to a sample");
  }
  Walked w{.from = scheduler->level(0).alpha_bar,
           .to = scheduler->level(scheduler->timesteps().size()).alpha_bar};
  w.x_T = x_T(w.from);
  w.end = denoise(*scheduler, world.model(), w.x_T, noise);
  w.drew_noise = noise.draws() > 0;
  return w;
}

Walked walked_from_starts(const std::string& text, const MixtureWorld& world, int64_t steps) {
  const std::vector<double> starts = {-1.3, -0.4, 0.3, 0.9, 1.7};
  return walked(text, world, steps, [&](double) { return ops::tensor(starts).view({1, -1}); });
}

/// The mean difference between 99 quantiles of the results of many runs and the exact ones. The
/// runs begin evenly spread over the distribution, so that only the noise that they draw is random.
double distribution_error(const std::string& text, const MixtureWorld& world, int64_t steps) {
  constexpr int64_t kStarts = 4096, kOfEach = 64, kWalks = kStarts * kOfEach;
  const auto places = (ops::arange(kStarts, at::kDouble) + 0.5) / kStarts;
  const auto w = walked(text, world, steps, [&](double alpha_bar) {
    return world.quantile(places, alpha_bar).repeat({kOfEach}).view({1, -1});
  });
  const auto levels = ops::arange(1, 100, at::kDouble) / 100;
  const auto sorted = std::get<0>(w.end[0].sort());
  const auto found = sorted.index_select(0, (levels * kWalks).to(at::kLong));
  return (found - world.quantile(levels, w.to)).abs().mean().item<double>();
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

std::string order_text(double order) {
  if (std::isnan(order)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", order);
  return text;
}

}  // namespace

double Convergence::order() const {
  size_t n = error.size();
  while (n > 0 && error[n - 1] < 2 * chance) --n;
  if (n < 2) return std::nan("");
  return std::log(error[n - 2] / error[n - 1]) /
         std::log(static_cast<double>(steps[n - 1]) / static_cast<double>(steps[n - 2]));
}

std::vector<Convergence> convergence(const std::vector<std::string>& walks,
                                     const std::vector<int64_t>& steps) {
  if (steps.size() < 2 || !std::is_sorted(steps.begin(), steps.end(), std::less_equal<>())) {
    fail("an order is measured between two numbers of steps or more, which rise");
  }
  std::vector<Convergence> all;
  for (const auto& walk : walks) {
    for (const auto& [name, parts] : worlds()) {
      const MixtureWorld world(config(), parts);
      Convergence c{.walk = walk, .world = name, .steps = steps};
      for (const auto n : steps) {
        const auto w = walked_from_starts(walk, world, n);
        c.chance = w.drew_noise ? kChance : 0;
        c.error.push_back(
            w.drew_noise ? distribution_error(walk, world, n)
                         : (w.end - world.carried(w.x_T, w.from, w.to)).abs().max().item<double>());
      }
      all.push_back(std::move(c));
    }
  }
  return all;
}

std::vector<std::string> samplers_with_an_order() {
  auto names = scheduler_names();
  std::erase(names, "lcm");
  return names;
}

std::string as_csv(const std::vector<Convergence>& all) {
  auto text = csv_record({"walk", "world", "steps", "error", "order"});
  for (const auto& c : all) {
    for (size_t i = 0; i < c.steps.size(); ++i) {
      text += csv_record({c.walk, c.world, std::to_string(c.steps[i]), number_text(c.error[i]),
                          order_text(c.order())});
    }
  }
  return text;
}

std::string as_json(const std::vector<Convergence>& all) {
  std::string text;
  for (const auto& c : all) {
    const nlohmann::ordered_json json = {{"walk", c.walk},
                                         {"world", c.world},
                                         {"steps", c.steps},
                                         {"error", c.error},
                                         {"order", c.order()}};  // NaN becomes null
    text += json.dump() + "\n";
  }
  return text;
}

std::string as_text(const std::vector<Convergence>& all) {
  size_t width = 4;
  for (const auto& c : all) width = std::max(width, c.walk.size());
  std::ostringstream text;
  const auto cell = [&](const std::string& value, size_t room) {
    text << std::string(room - std::min(room, value.size()), ' ') << value;
  };
  text << "walk" << std::string(width - 4, ' ') << "  world   ";
  for (const auto n : all.front().steps) cell(std::to_string(n), 9);
  text << "  steps, order\n";
  for (const auto& c : all) {
    text << c.walk << std::string(width - c.walk.size(), ' ') << "  " << c.world
         << std::string(8 - c.world.size(), ' ');
    for (const double error : c.error) cell(short_number(error), 9);
    cell(order_text(c.order()), 14);
    text << "\n";
  }
  return text.str();
}

std::string convergence_script(const std::vector<Convergence>& all) {
  std::map<std::string, std::string> titles;  // of each sampler, with its orders
  std::vector<std::string> walks;
  for (const auto& c : all) {
    auto& title = titles[c.walk];
    if (title.empty()) walks.push_back(c.walk);
    title += (title.empty() ? c.walk + "  " : ", ") + order_text(c.order());
  }
  std::ostringstream script;
  script << panels_with_legend(1, 2, 0.24) << "set logscale xy\nset xlabel 'steps'\n"
         << "set ylabel 'error'\nset format y '10^{%T}'\n";
  for (const auto& [world, parts] : worlds()) {
    script << "set title '" << (parts.size() == 1 ? "one Gaussian" : "two Gaussians") << "'\nplot ";
    for (size_t k = 0; k < walks.size(); ++k) {
      script << (k == 0 ? "" : ", ") << "'-' using 1:2 with linespoints " << curve_style(k)
             << " title " << quoted(titles[walks[k]]);
    }
    script << "\n";
    for (const auto& c : all) {
      if (c.world != world) continue;
      for (size_t i = 0; i < c.steps.size(); ++i) {
        script << c.steps[i] << " " << c.error[i] << "\n";
      }
      script << "e\n";
    }
    script << no_legend();
  }
  return script.str();
}

std::filesystem::path plot_convergence(const std::vector<Convergence>& all,
                                       const std::filesystem::path& file, WriteMode mode) {
  return plot(convergence_script(all), file, 1400, 650, mode);
}

}  // namespace unclip::lab
