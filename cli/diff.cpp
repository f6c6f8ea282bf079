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

/// What --theta and --frames say: --frames numbers from A to B, or from 0 to T.
std::vector<double> chosen_thetas(const Arguments& arguments) {
  const std::string expected = "T or A..B, numbers from 0 to 1";
  const auto ends = arguments.numbers("theta", "..", expected);
  const auto frames = arguments.integer_if_given("frames", 2, kMostImages);
  if (ends.size() > 2 || *std::max_element(ends.begin(), ends.end()) > 1) {
    arguments.refuse("theta", expected);
  }
  if (!frames) {
    if (ends.size() == 2) throw UsageError("--theta A..B: expected --frames N");
    return ends;
  }
  const double first = ends.size() == 2 ? ends[0] : 0;
  std::vector<double> thetas;
  for (int64_t i = 0; i < *frames; ++i) {
    const double way = static_cast<double>(i) / static_cast<double>(*frames - 1);
    thetas.push_back(first + way * (ends.back() - first));
  }
  return thetas;
}

std::string required(const Arguments& arguments, const std::string& flag) {
  if (!arguments.given(flag)) throw UsageError("diff: expected --" + flag + " TEXT");
  expect_utf8("--" + flag, arguments.text(flag));
  return arguments.text(flag);
}

void expect_change(const at::Tensor& texts, const Arguments& arguments) {
  if (texts[0].allclose(texts[1], /*rtol=*/0, /*atol=*/1e-6)) {
    fail("--from '", arguments.text("from"), "' and --to '", arguments.text("to"),
         "' have the same embedding; expected texts that differ");
  }
}

std::string diff_guidance(const ModelDefaults&) { return number_text(kDiffGuidance); }

void diff(const Arguments& arguments, const Streams& streams) {
  const auto thetas = chosen_thetas(arguments);
  const auto from = required(arguments, "from"), to = required(arguments, "to");
  const bool inverted = arguments.choice<bool>("noise", {{"inverted", true}, {"drawn", false}});
  expect_utf8("--prompt", arguments.text("prompt"));
  if (arguments.words().size() != 1)
    throw UsageError("diff: expected one image, embedding file or text, got " +
                     std::to_string(arguments.words().size()));
  const auto operands = operands_of(arguments.words(), streams.in);
  const auto count = static_cast<int64_t>(thetas.size());
  auto options = sampling_options(arguments, 1);
  OutputName output(image_output(arguments, streams), "unclip-diff-{i}.png", count);
  auto needs = needs_of(operands);
  needs.text = true;  // of both texts
  auto model =
      Engine::load(find_model(arguments.text("model")), needs, pipeline_options(arguments));
  expect_no_negative(model.model(), options, "diff");
  if (inverted) {
    const auto& layout = model.model().layout();
    expect_no_sampler(arguments, layout, "--noise inverted");
    options = from_inversion(options, ddim_walk(kInversionSteps), layout, kDiffGuidance);
  }
  Painter painter("diff", model, options, std::move(output), arguments, streams);

  catch_interrupts();
  options.on_progress = painter.on_progress();
  const auto texts = model.encode_texts({from, to});
  expect_change(texts, arguments);
  const auto points = read_points(operands, model, options, arguments.on("force"));
  if (points.size() != 1) {
    fail(arguments.words()[0], ": expected one embedding, found ", points.size());
  }
  Embeddings rows;
  std::vector<at::Tensor> z;
  std::vector<std::string> labels;
  for (const double theta : thetas) {
    z.push_back(text_diff(points[0].z, texts[0], texts[1], theta));
    labels.push_back("theta " + two_digits(theta));
  }
  rows.image_embedding = ops::stack(z);
  if (inverted) rows.start.x_T = starts_of(points, model, options).expand({count, -1, -1, -1});
  rows.origins.assign(thetas.size(), origin_of(arguments, options));
  painter.paint(rows, labels);
}

}  // namespace

Verb diff_verb() {
  return {
      "diff",
      "FILE --from TEXT --to TEXT",
      "Change an image by the difference of two texts.",
      with_common_flags(joined(
          {{{"from", 0, "TEXT", "", "what the image shows", "Input"},
            {"to", 0, "TEXT", "", "what it should show", "Input"},
            {"theta", 0, "T", two_digits(kDiffTheta),
             "how far to turn towards the change, 0 to 1; the paper uses 0.25 to 0.5; with "
             "--frames "
             "also A..B",
             "Image"},
            {"frames", 0, "N", "", "N images, from 0 to theta, or from A to B", "Image"},
            {"noise", 0, "WHICH", "inverted",
             "inverted or drawn; inverted: the image's own noise, which inversion finds, at "
             "decoder guidance 2; drawn: the seed's noise",
             "Image", false, true},
            output_flag("a file, a folder or a pattern with {i} (default: ./unclip-diff-{i}.png)")},
           operand_flags(),
           sampling_flags(),
           prior_flags(),
           decoder_flags(diff_guidance),
           size_flags(),
           gallery_flags()})),
      "  unclip diff ball.png --from \"a red ball\" --to \"a blue ball\" -o blue.png\n"
      "  unclip diff photo.jpg --from \"a photo\" --to \"a painting\" --theta 0.25..0.5 --frames 5 "
      "\\\n"
      "      -o frames/ --contact-sheet frames.png\n",
      diff};
}

}  // namespace unclip::cli
