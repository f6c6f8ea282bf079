#include <cmath>

#include "base/error.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/operands.h"
#include "cli/painter.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "embedding/spherical.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

/// What is mixed: z (N, D), and x_T (N, C, h, w) where the noise is mixed, too.
struct Ends {
  at::Tensor z, x_T;
  std::vector<std::string> names;
  int64_t count() const { return z.size(0); }
};

/// Rows to paint, and how each is called.
struct Frames {
  Embeddings rows;
  std::vector<std::string> labels;
};

Ends ends_of(const std::vector<Point>& points, const at::Tensor& x_T) {
  Ends ends{.z = {}, .x_T = x_T, .names = {}};
  std::vector<at::Tensor> z;
  for (const auto& point : points) {
    z.push_back(point.z);
    ends.names.push_back(point.label);
  }
  ends.z = ops::stack(z);
  return ends;
}

/// Without --frames: one picture, by --weights.
std::vector<double> chosen_weights(const Arguments& arguments) {
  if (!arguments.given("weights")) return {};
  if (arguments.given("frames")) throw UsageError("--weights: cannot be combined with --frames");
  const std::string expected = "numbers >= 0 separated by commas, one for each embedding";
  const auto weights = arguments.numbers("weights", ",", expected);
  double sum = 0;
  for (const double weight : weights) sum += weight;
  if (!(sum > 0 && std::isfinite(sum))) arguments.refuse("weights", expected + ", not all 0");
  return weights;
}

/// One row, at the mean.
Frames mean_of(const Ends& ends, std::vector<double> weights) {
  if (weights.empty()) weights.assign(static_cast<size_t>(ends.count()), 1);
  if (static_cast<int64_t>(weights.size()) != ends.count()) {
    fail("--weights: expected ", ends.count(), " numbers, one for each embedding, got ",
         weights.size());
  }
  Embeddings row;
  row.image_embedding = spherical_mean(ends.z, weights).unsqueeze(0);
  if (ends.x_T.defined()) row.start.x_T = spherical_mean(ends.x_T, weights).unsqueeze(0);
  return {row, {"mix"}};
}

/// Rows from the first to the last, by way of all others.
Frames frames_of(const Ends& ends, int64_t frames) {
  std::vector<at::Tensor> z, x_T;
  std::vector<std::string> labels;
  for (int64_t i = 0; i < frames; ++i) {
    const double way =
        static_cast<double>(i * (ends.count() - 1)) / static_cast<double>(frames - 1);
    const auto a = std::min(static_cast<int64_t>(way), ends.count() - 2);
    const double t = way - static_cast<double>(a);
    z.push_back(slerp(ends.z[a], ends.z[a + 1], t));
    if (ends.x_T.defined()) x_T.push_back(slerp(ends.x_T[a], ends.x_T[a + 1], t));
    labels.push_back(t == 0   ? ends.names[static_cast<size_t>(a)]
                     : t == 1 ? ends.names.back()
                              : "t = " + two_digits(way));
  }
  Embeddings rows;
  rows.image_embedding = ops::stack(z);
  if (ends.x_T.defined()) rows.start.x_T = ops::stack(x_T);
  return {rows, labels};
}

std::string mix_guidance(const ModelDefaults& model) { return number_text(model.mix_guidance); }

void mix(const Arguments& arguments, const Streams& streams) {
  const auto weights = chosen_weights(arguments);
  const auto frames = arguments.integer_if_given("frames", 2, kMostImages);
  const bool interpolated =
      arguments.choice<bool>("noise", {{"fixed", false}, {"interpolated", true}});
  expect_utf8("--prompt", arguments.text("prompt"));
  const auto operands = operands_of(arguments.words(), streams.in);
  auto options = sampling_options(arguments, static_cast<int64_t>(operands.size()));
  OutputName output(image_output(arguments, streams), "unclip-mix-{i}.png", frames.value_or(1));
  auto model = Engine::load(find_model(arguments.text("model")), needs_of(operands),
                            pipeline_options(arguments));
  expect_no_negative(model.model(), options, "mix");
  const auto& layout = model.model().layout();
  if (interpolated) {
    expect_no_sampler(arguments, layout, "--noise interpolated");
    options = from_inversion(options, ddim_walk(kInversionSteps), layout);
  } else if (layout.decoder_stage().guided()) {
    auto& guidance = options.stages[layout.decoder_stage().name].guidance;
    if (!guidance.scale) {
      guidance.scale = options.guidance.value_or(model.model().defaults().mix_guidance);
    }
  }
  Painter painter("mix", model, options, std::move(output), arguments, streams);

  catch_interrupts();
  options.on_progress = painter.on_progress();
  const auto points = read_points(operands, model, options, arguments.on("force"));
  if (points.size() < 2) {
    throw UsageError("mix: expected two or more images, texts or embeddings, got one");
  }
  const auto ends =
      ends_of(points, interpolated ? starts_of(points, model, options) : at::Tensor());
  auto [rows, labels] = frames ? frames_of(ends, *frames) : mean_of(ends, weights);
  rows.origins.assign(static_cast<size_t>(rows.image_embedding.size(0)),
                      origin_of(arguments, options));
  painter.paint(rows, labels);
}

}  // namespace

Verb mix_verb() {
  return {
      "mix",
      "A B [C...]",
      "Mix images, texts or embeddings.",
      with_common_flags(joined(
          {{{"weights", 0, "W,W,...", "", "how much of each (default: equal)", "Image"},
            {"frames", 0, "N", "", "N images on the way from the first to the last", "Image"},
            {"noise", 0, "WHICH", "fixed",
             "fixed or interpolated; fixed: the seed's noise for all images; interpolated: from "
             "each "
             "image's own noise, which inversion finds, to the next one's, so that the ends are "
             "the "
             "images again",
             "Image", false, true},
            output_flag("a file, a folder or a pattern with {i} (default: ./unclip-mix-{i}.png)")},
           operand_flags(),
           sampling_flags(),
           prior_flags(),
           decoder_flags(mix_guidance),
           size_flags(),
           gallery_flags()})),
      "  unclip mix ball.png cube.png -s 7 -o between.png\n"
      "  unclip mix ball.png \"a blue cube\" --weights 1,2 -s 7 -o more-of-the-cube.png\n"
      "  unclip mix ball.png cube.png --frames 9 --noise interpolated -o 'frame-{i}.png'\n"
      "  unclip mix ball.png cube.png --frames 25 -o frames/ --animate way.gif --seconds 0.1\n",
      mix};
}

}  // namespace unclip::cli
