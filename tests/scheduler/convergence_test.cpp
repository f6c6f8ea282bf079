#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/config.h"
#include "core/noise_source.h"
#include "scheduler/denoise.h"
#include "scheduler/scheduler.h"

namespace unclip {
namespace {

struct Claim {
  const char* name;
  const char* walk;
  double order;
};

// Of the error at the end of a walk in the length of its steps.
const std::vector<Claim> kClaims = {
    {"ddim", "ddim", 1},
    {"dpmpp_1s", "dpmpp_1s", 1},
    {"euler", "euler", 1},
    {"heun", "heun", 2},
    {"lms_2", "lms:order=2", 2},
    {"dpmpp_2s", "dpmpp_2s", 2},
    {"dpmpp_2m", "dpmpp_2m", 2},
    {"dpmpp_2m_heun", "dpmpp_2m:solver=heun", 2},
    {"dpmpp_3m", "dpmpp_2m:order=3", 2.7},
    {"unipc_bh1", "unipc:solver=bh1", 2},
    {"unipc_bh2", "unipc", 2},
    {"unipc_third", "unipc:order=3", 2.7},
    {"deis", "deis", 2},
    {"deis_third", "deis:order=3", 2.7},
    {"pndm", "pndm", 2},
    {"pndm_warmed_up", "pndm:warm_up=runge_kutta", 2},
    {"sa_solver", "sa_solver:tau=0", 2},
    {"sa_solver_third", "sa_solver:tau=0,order=3,corrector_order=3", 2.7},
};

/// One number, drawn from a mixture of two Gaussians: of weight, mean and deviation each. One of
/// them alone where both are the same.
class MixtureWorld {
 public:
  struct Part {
    double weight, mean, deviation;
  };
  MixtureWorld(const Config& config, Part a, Part b)
      : schedule_(noise_schedule(SchedulerConfig::from(config))), parts_{a, b} {}

  /// E[x_0 | x_t]
  Denoiser model() const {
    return [this](const at::Tensor& x_t, double t) {
      const double a_t = schedule_.alpha_bar_at(t);
      auto sum = at::zeros_like(x_t), weights = at::zeros_like(x_t);
      for (const auto& part : parts_) {
        const double variance = a_t * part.deviation * part.deviation + 1 - a_t;
        const auto centred = x_t - std::sqrt(a_t) * part.mean;
        const auto weight =
            part.weight / std::sqrt(variance) * (-centred.square() / (2 * variance)).exp();
        const auto x_0 =
            part.mean + std::sqrt(a_t) * part.deviation * part.deviation / variance * centred;
        sum = sum + weight * x_0;
        weights = weights + weight;
      }
      return sum / weights;
    };
  }

  /// Where the exact walk from x at alpha_bar a leads to at b: in one dimension the flow keeps each
  /// number's place in the distribution.
  double carried(double x, double a, double b) const {
    const double place = distribution(x, a);
    double low = -20, high = 20;
    for (int i = 0; i < 200; ++i) {
      const double middle = (low + high) / 2;
      (distribution(middle, b) < place ? low : high) = middle;
    }
    return (low + high) / 2;
  }

 private:
  double distribution(double x, double a) const {
    double sum = 0;
    for (const auto& part : parts_) {
      const double variance = a * part.deviation * part.deviation + 1 - a;
      sum += part.weight * std::erfc((std::sqrt(a) * part.mean - x) / std::sqrt(2 * variance)) / 2;
    }
    return sum;
  }

  NoiseSchedule schedule_;
  std::vector<Part> parts_;
};

// Even steps in log snr, to a level that has noise left, so that the last step is like the others.
Config config() {
  return Config::parse(R"({"_class_name": "DDIMScheduler", "prediction_type": "sample",
      "clip_sample": false, "set_alpha_to_one": false})",
                       "scheduler_config.json");
}

class Convergence : public ::testing::TestWithParam<Claim> {
 protected:
  /// The error of a walk of n steps, from several numbers, in double.
  double error(const MixtureWorld& world, int64_t n) const {
    auto walk = parse_walk(GetParam().walk);
    walk.steps = n;
    walk.spacing = "logsnr";
    const auto scheduler = make_scheduler(config(), walk);
    const std::vector<double> starts = {-1.3, -0.4, 0.3, 0.9, 1.7};
    NoiseSource noise({1});
    const auto end = denoise(*scheduler, world.model(), at::tensor(starts).view({1, -1}), noise);
    double worst = 0;
    for (size_t k = 0; k < starts.size(); ++k) {
      const double exact = world.carried(starts[k], scheduler->level(0).alpha_bar,
                                         scheduler->level(scheduler->timesteps().size()).alpha_bar);
      worst = std::max(worst, std::abs(end[0][static_cast<int64_t>(k)].item<double>() - exact));
    }
    return worst;
  }

  void expect_order(const MixtureWorld& world) {
    const double coarse = error(world, 40), fine = error(world, 80);
    const double order = std::log2(coarse / fine);
    EXPECT_GT(order, GetParam().order - 0.25) << "errors " << coarse << ", " << fine;
    RecordProperty("order", std::to_string(order));
  }
};

TEST_P(Convergence, HasItsOrderInAGaussianWorld) {
  expect_order(MixtureWorld(config(), {0.5, 0.4, 0.5}, {0.5, 0.4, 0.5}));
}

TEST_P(Convergence, HasItsOrderInAWorldOfTwoGaussians) {
  expect_order(MixtureWorld(config(), {0.6, -0.8, 0.5}, {0.4, 0.9, 0.4}));
}

INSTANTIATE_TEST_SUITE_P(, Convergence, ::testing::ValuesIn(kClaims),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace unclip
