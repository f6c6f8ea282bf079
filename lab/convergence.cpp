#include "lab/convergence.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/csv.h"
#include "core/error.h"
#include "core/noise_source.h"
#include "lab/gnuplot.h"
#include "lab/mixture_world.h"

namespace unclip::lab {
namespace {

constexpr std::array kStarts = {-1.3, -0.4, 0.3, 0.9, 1.7};

struct World {
  const char* name;
  std::vector<MixtureWorld::Part> parts;
};

const std::array<World, 2>& worlds() {
  static const std::array<World, 2> worlds = {World{"gaussian", {{1, 0.4, 0.5}}},
                                              World{"two", {{0.6, -0.8, 0.5}, {0.4, 0.9, 0.4}}}};
  return worlds;
}

/// Steps lead to a level that has noise left, so that the last one is like the others.
Config config() {
  return Config::parse(R"({"_class_name": "DDIMScheduler", "prediction_type": "sample",
      "clip_sample": false, "set_alpha_to_one": false})",
                       "scheduler_config.json");
}

double error_of(const std::string& text, const MixtureWorld& world, int64_t steps) {
  auto walk = parse_walk(text);
  walk.steps = steps;
  if (walk.spacing.empty()) walk.spacing = "logsnr";
  const auto scheduler = make_scheduler(config(), walk);
  const auto starts = at::tensor(std::vector<double>(kStarts.begin(), kStarts.end())).view({1, -1});
  NoiseSource noise({1});
  const auto end = denoise(*scheduler, world.model(), starts, noise)[0];
  if (noise.draws() > 0) fail("'", text, "' draws noise: it has no exact end to converge to");
  const double from = scheduler->level(0).alpha_bar;
  const double to = scheduler->level(scheduler->timesteps().size()).alpha_bar;
  double worst = 0;
  for (size_t k = 0; k < kStarts.size(); ++k) {
    const double exact = world.carried(kStarts[k], from, to);
    worst = std::max(worst, std::abs(end[static_cast<int64_t>(k)].item<double>() - exact));
  }
  return worst;
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

std::string order_text(double order) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", order);
  return text;
}

}  // namespace

double Convergence::order() const {
  const size_t n = error.size();
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
      all.push_back({.walk = walk, .world = name, .steps = steps});
      for (const auto n : steps) all.back().error.push_back(error_of(walk, world, n));
    }
  }
  return all;
}

std::vector<std::string> noiseless_samplers() {
  std::vector<std::string> names;
  const MixtureWorld world(config(), worlds()[0].parts);
  for (const auto& name : scheduler_names()) {
    try {
      error_of(name, world, 2);
      names.push_back(name);
    } catch (const Error&) {  // it draws noise
    }
  }
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
                                         {"order", c.order()}};
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

std::filesystem::path plot_convergence(const std::vector<Convergence>& all,
                                       const std::filesystem::path& file, WriteMode mode) {
  std::ostringstream script;
  script << "set multiplot layout 1,2\nset grid\nset logscale xy\nset xlabel 'steps'\n"
         << "set ylabel 'error'\nset format y '10^{%T}'\nset key noenhanced bottom left\n";
  for (const auto& [world, parts] : worlds()) {
    script << "set title '" << (parts.size() == 1 ? "one Gaussian" : "two Gaussians") << "'\nplot ";
    std::string between;
    for (const auto& c : all) {
      if (c.world != world) continue;
      script << between << "'-' using 1:2 with linespoints pt 7 ps 0.4 title "
             << quoted(c.walk + "  " + order_text(c.order()));
      between = ", ";
    }
    script << "\n";
    for (const auto& c : all) {
      if (c.world != world) continue;
      for (size_t i = 0; i < c.steps.size(); ++i) {
        script << c.steps[i] << " " << c.error[i] << "\n";
      }
      script << "e\n";
    }
  }
  return plot(script.str(), file, 1300, 650, mode);
}

}  // namespace unclip::lab
